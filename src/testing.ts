import './node-version.ts';
import './autologging/connect-tracing.ts';

export { type ContractCheck, contractChecks } from './testing/checks.ts';
export type { IntegrationContract } from './testing/contract.ts';
export { type Logged, type LoggedRun, readLogged } from './testing/logged.ts';
export { type TestRunner, testIntegration } from './testing/test-integration.ts';
