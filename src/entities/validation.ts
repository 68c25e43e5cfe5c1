export { validateAssessment, validateAssessmentName, validateAssessmentValue } from './validation-assessment.ts';
export { validateDatasetInput, validateDatasetInputs } from './validation-dataset.ts';
export {
  validateArtifactLocation,
  validateExperimentId,
  validateExperimentName,
  validateExperimentTag,
} from './validation-experiment.ts';
export { validateMetricKey, validateParamKey, validateTagKey } from './validation-key.ts';
export { validateLoggedModelName, validateLoggedModelParam, validateLoggedModelTag } from './validation-model.ts';
export {
  validateBatch,
  validateMetric,
  validateMetricPoint,
  validateParam,
  validateParamKeysUnique,
  validateRunId,
  validateTag,
  validateTime,
} from './validation-run.ts';
export { cutText } from './validation-text.ts';
export {
  cutPreview,
  validateTraceLinks,
  validateTraceMetadata,
  validateTraceTag,
  validateTraceTagIsMutable,
} from './validation-trace.ts';
