import type { ArtifactRepository } from '../../artifacts/artifact-repository.ts';
import { resolveArtifactRepository } from '../../artifacts/resolve.ts';
import { MlflowClient } from '../client.ts';
import { activeOrNewRun } from '../fluent/log.ts';
import type { RunFiles } from '../run-files/run-files.ts';
import { type ActiveRun, openRun } from './active-run.ts';

/** Whose artifacts are meant. */
export interface ArtifactRunOptions {
  /** A run that need not be active here. @default the active run */
  readonly runId?: string;
}

/** The artifacts of a run; begins with taking the run, before anything is waited for. */
export async function artifactsOfRun(options?: ArtifactRunOptions): Promise<ArtifactRepository> {
  return (await filesOfRun(options)).artifacts;
}

/** The artifacts of a run and its tags; begins with taking the run, before anything is waited for. */
export async function filesOfRun(options?: ArtifactRunOptions): Promise<RunFiles> {
  const runId = options?.runId;
  const run = runId === undefined ? activeOrNewRun() : openRun(runId);
  return run === undefined ? filesOfId(`${runId}`) : filesOfOpenRun(run);
}

async function filesOfId(runId: string): Promise<RunFiles> {
  const client = new MlflowClient();
  return {
    artifacts: resolveArtifactRepository((await client.getRun(runId)).info.artifactUri, {
      trackingUri: client.trackingUri,
    }),
    readTag: async (key) => (await client.getRun(runId)).tags[key],
    setTag: (key, value) => client.setTag(runId, key, value),
  };
}

async function filesOfOpenRun(run: ActiveRun): Promise<RunFiles> {
  const { runId, writer } = run;
  return {
    artifacts: resolveArtifactRepository(await run.artifactUri(), { trackingUri: writer.store.uri }),
    async readTag(key) {
      await writer.flush();
      return (await writer.store.getRun(runId)).tags[key];
    },
    // Not by the run itself, which may end meanwhile.
    async setTag(key, value) {
      writer.append({ op: 'tag', runId, key, value });
    },
  };
}
