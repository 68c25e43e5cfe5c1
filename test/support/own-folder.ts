import fs from 'node:fs';
import path from 'node:path';
import { inject } from 'vitest';

// The default store lies in the working folder, and the environment decides where runs go: neither may be the
// developer's own.
process.chdir(fs.mkdtempSync(path.join(inject('workFolder'), 'file-')));

for (const name of Object.keys(process.env)) {
  if (/^(MLFLOW|OPENAI|LANGCHAIN|LANGSMITH|OTEL|DATABRICKS)_/.test(name)) delete process.env[name];
}
