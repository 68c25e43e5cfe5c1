import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatMlModel, type NewMlModel, parseMlModel, toUtcTime } from '../../src/models/mlmodel.ts';
import { toStoredSignature } from '../../src/models/signature.ts';
import { requireMlflow } from '../support/requirements.ts';

const MODEL: NewMlModel = {
  artifactPath: '/data/mlruns/0/models/m-1/artifacts',
  runId: '0123456789abcdef0123456789abcdef',
  modelId: 'm-1',
  utcTimeCreated: toUtcTime(new Date(1_795_236_864_203)),
  flavors: { tfjs: { yes: 'no', version: '4.10', code: null, list: ['1:30', '2026-01-01', '~'] } },
  signature: toStoredSignature({ inputs: [{ dtype: 'float32', shape: [-1, 4] }], outputs: null }),
  savedInputExampleInfo: { artifactPath: 'input_example.json', type: 'ndarray', servingInputPath: 's.json' },
  modelSizeBytes: 12,
  metadata: { text: 'line\nline', octal: '010', on: 'on', empty: '' },
};

describe('an MLmodel file', () => {
  test('is read as it was written', async () => {
    expect(await parseMlModel(await formatMlModel(MODEL))).toEqual({ ...MODEL, mlflowVersion: '3.12.0' });
  });

  test('leaves out what is null', async () => {
    const text = await formatMlModel({ ...MODEL, runId: null, metadata: null, signature: null });
    expect(text).not.toMatch(/^(run_id|metadata|signature):/m);
  });

  test.each(['', 'just text', '- a list', 'flavors: 3', '{unclosed: ['])(
    'with the text %j is refused',
    async (text) => {
      await expect(parseMlModel(text)).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE' });
    },
  );
});

const mlflow = requireMlflow();

describe.skipIf(mlflow.isMissing)(mlflow.title('MLflow'), () => {
  test('reads an MLmodel file as it was meant', async () => {
    const folder = fs.mkdtempSync(path.join(process.cwd(), 'mlmodel-'));
    fs.writeFileSync(path.join(folder, 'MLmodel'), await formatMlModel(MODEL));
    const code =
      'import json, sys; from mlflow.models import Model; print(json.dumps(Model.load(sys.argv[1]).to_dict()))';
    const { stdout, stderr } = spawnSync(mlflow.python, ['-c', code, folder], { encoding: 'utf8' });
    expect(stdout, stderr).not.toBe('');
    expect(JSON.parse(stdout)).toMatchObject({
      artifact_path: MODEL.artifactPath,
      run_id: MODEL.runId,
      model_id: 'm-1',
      utc_time_created: MODEL.utcTimeCreated,
      flavors: MODEL.flavors,
      metadata: MODEL.metadata,
      model_size_bytes: 12,
      mlflow_version: '3.12.0',
      signature: { inputs: '[{"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 4]}}]' },
    });
  });
});
