import type { Patch, SpanHooks } from '../../src/autologging/definition.ts';
import { type Autolog, autologgingIntegration } from '../../src/autologging/integration.ts';
import { type Library, type LibraryPackage, makeLibrary } from '../support/make-library.ts';

/** An integration of its own for a package of its own. */
export interface Fixture {
  /** Of the package and of the integration. */
  readonly name: string;
  readonly library: LibraryPackage;
  readonly autolog: Autolog;
  /** Loads the library. */
  load(): Library;
}

/** Records a call as a TOOL span with its argument. */
export const span: SpanHooks = { name: 'greet', type: 'TOOL' };

/** Makes a package and the integration that patches it; nothing is loaded or enabled. */
export function makeFixture(
  patches: readonly Patch[] = [{ target: 'Greeter.prototype.greet', span }],
  { version, range = '>=1 <2' }: { version?: string; range?: string } = {},
): Fixture {
  const library = makeLibrary({ version });
  const { name } = library;
  const autolog = autologgingIntegration(name, { packages: { [name]: range }, patches });
  return { name, library, autolog, load: () => library.require() };
}

/** Descriptors of all that an object has, by key. */
export function shapeOf(object: object): Record<PropertyKey, PropertyDescriptor> {
  return Object.getOwnPropertyDescriptors(object);
}
