/** Backends on which reading a tensor costs no more than its copy. */
const HOST_BACKENDS = new Set(['cpu', 'wasm', 'tensorflow']);

/**
 * Name of the backend in use; all copies of tfjs share one engine, which hangs on the global object.
 *
 * Source: tfjs-core `src/engine.ts` `getOrMakeEngine`, read at 4.22.
 */
export function backendName(): string {
  const { _tfengine } = globalThis as { _tfengine?: { readonly backendName?: unknown } };
  return typeof _tfengine?.backendName === 'string' ? _tfengine.backendName : 'unknown';
}

/** True when tensors lie in the memory of this process, so that a synchronous read stalls no device. */
export function isHostBackend(): boolean {
  return HOST_BACKENDS.has(backendName());
}

/** True when a read hands out the very array that a tensor has; tfjs writes to none of them again. */
export function isPlainMemory(): boolean {
  return backendName() === 'cpu';
}

/** False once a tensor's values are gone: it was disposed of, or the engine was reset. */
export function hasValues({ dataId }: { readonly dataId?: object }): boolean {
  const { _tfengine } = globalThis as { _tfengine?: { readonly state?: { readonly tensorInfo?: unknown } } };
  const known = _tfengine?.state?.tensorInfo;
  return dataId === undefined || !(known instanceof WeakMap) || known.has(dataId);
}
