import { resolveArtifactRepository } from '../../artifacts/resolve.ts';
import type { LoggedModel } from '../../entities/logged-model.ts';
import { formatMlModel, MLMODEL_FILE_NAME, toUtcTime } from '../../models/mlmodel.ts';
import { RUN_TAGS } from './run-tags.ts';

/** As MLflow writes it: registries ask for a signature, and nothing is known of this model's. */
const ANY_BOOLEAN = JSON.stringify([{ type: 'boolean', required: true }]);

/** Writes the MLmodel file of a model whose files are elsewhere. */
export async function writeExternalModel(model: LoggedModel): Promise<void> {
  const text = await formatMlModel({
    artifactPath: model.artifactLocation,
    runId: model.sourceRunId,
    modelId: model.modelId,
    utcTimeCreated: toUtcTime(new Date(model.creationTime)),
    flavors: {},
    signature: { inputs: ANY_BOOLEAN, outputs: ANY_BOOLEAN, params: null },
    savedInputExampleInfo: null,
    modelSizeBytes: null,
    metadata: { [RUN_TAGS.modelIsExternal]: true },
  });
  await resolveArtifactRepository(model.artifactLocation).logContent(MLMODEL_FILE_NAME, text);
}
