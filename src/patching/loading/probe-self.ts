/** Tells the loaded copy of this file from any other answer that a probe could give. */
export const probeToken: symbol = Symbol('autolog probe');

/** Where this file was loaded from, undefined in a bundle that is CommonJS. */
export const probeSelfUrl: string | undefined = import.meta.url;
