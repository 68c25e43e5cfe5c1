import fs from 'node:fs';
import path from 'node:path';
import { inject } from 'vitest';

// The default store lies in the working folder, and the environment decides where runs go: neither may be the
// developer's own.
process.chdir(fs.mkdtempSync(path.join(inject('workFolder'), 'file-')));

process.env.AUTOLOG_JOURNAL_DIR = process.cwd();

for (const name of Object.keys(process.env)) {
  const isSetting = /^(MLFLOW|OPENAI|LANGCHAIN|LANGSMITH|OTEL|DATABRICKS)_/.test(name);
  const isOption = /^AUTOLOG_(CONFIG|DISABLE|EXCLU|EXTRA|LANGCHAIN|LOG|OPENAI|SILENT|TFJS)/.test(name);
  if (isSetting || isOption) delete process.env[name];
}
