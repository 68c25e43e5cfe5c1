import { invalidParameter } from '../errors.ts';
import { type HttpTarget, resolveHttpTarget } from '../http/http-target.ts';
import { onlyServer } from '../http/known-servers.ts';
import type { ArtifactRepository } from './artifact-repository.ts';
import { HttpRepository } from './http-repository.ts';

const PROXY = '/api/2.0/mlflow-artifacts/artifacts';

/**
 * Opens a repository behind a server: `mlflow-artifacts:/path` at the tracking server, `mlflow-artifacts://host/path` at
 * that host by the tracking server's scheme, or an address of http(s) itself.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE where the tracking server is none.
 */
export function openHttpRepository(uri: string, given: string | undefined): ArtifactRepository {
  if (/^https?:/i.test(uri)) return openAddress(uri);
  const [, host = '', path = ''] = /^mlflow-artifacts:(?:\/\/([^/]*))?\/*(.*)$/is.exec(uri) ?? [];
  // A database may hold the runs of a server too.
  const trackingUri = [given, onlyServer(), process.env.MLFLOW_TRACKING_URI].find((it) =>
    /^https?:/i.test(it ?? ''),
  );
  if (trackingUri === undefined) {
    throw invalidParameter(
      `Cannot reach the artifacts at '${uri}': they are behind a tracking server; set the tracking URI to it, as 'http://localhost:5000'.`,
    );
  }
  if (/^\d+$/.test(host)) {
    throw invalidParameter(
      `Cannot understand the artifact URI '${uri}': its host is a number; write a path after one slash.`,
    );
  }
  return new HttpRepository({ uri, target: toTarget(host, trackingUri), endpoint: PROXY, root: decode(path) });
}

function toTarget(host: string, trackingUri: string): HttpTarget {
  const target = resolveHttpTarget(trackingUri);
  if (host === '' || host === new URL(target.baseUrl).host) return target;
  return resolveHttpTarget(`${new URL(target.baseUrl).protocol}//${host}`);
}

function openAddress(uri: string): ArtifactRepository {
  const { pathname } = new URL(uri);
  // Of MLflow's proxy the endpoint is known, so that folders can be listed.
  const proxy = pathname.indexOf('/mlflow-artifacts/artifacts');
  const end = proxy < 0 ? pathname.length : proxy + '/mlflow-artifacts/artifacts'.length;
  const url = new URL(uri);
  url.pathname = '';
  const target = resolveHttpTarget(url.href);
  const root = decode(pathname.slice(end).replace(/^\/+|\/+$/g, ''));
  return new HttpRepository({ uri, target, endpoint: pathname.slice(0, end).replace(/\/+$/, ''), root });
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path.replace(/\/+$/, ''));
  } catch {
    // URIError: a percent sign that encodes nothing stands for itself.
    return path;
  }
}
