import type { IntegrationDefinition } from '../autologging/definition.ts';

type Hook = (...args: unknown[]) => unknown;

type Hooks = Readonly<Record<string, unknown>>;

type Patch = IntegrationDefinition['patches'][number];

/** Names of the hooks that a definition has anywhere. */
export function hooksOf(definition: IntegrationDefinition): string[] {
  const hooks = definition.patches.flatMap((patch) => Object.entries(patch[kindOf(patch)] as unknown as Hooks));
  const names = hooks.filter(([, hook]) => typeof hook === 'function').map(([name]) => name);
  return [...new Set([...names, ...(definition.attach === undefined ? [] : ['attach'])])];
}

/** The definition with every hook of a name (of each name where none is given) replaced by what `alter` makes of it. */
export function withAlteredHooks(
  definition: IntegrationDefinition,
  alter: (hook: Hook, name: string) => Hook,
  only?: string,
): IntegrationDefinition {
  const altered = (hooks: Hooks): Hooks =>
    Object.fromEntries(
      Object.entries(hooks).map(([name, hook]) => {
        const isMeant = typeof hook === 'function' && (only === undefined || only === name);
        return [name, isMeant ? alter(hook as Hook, name) : hook];
      }),
    );
  const { attach } = altered({ attach: definition.attach });
  const patches = definition.patches.map((patch) => {
    const kind = kindOf(patch);
    return { ...patch, [kind]: altered(patch[kind] as unknown as Hooks) };
  });
  return { ...definition, attach, patches } as IntegrationDefinition;
}

function kindOf(patch: Patch): keyof Patch {
  const kind = ['span', 'training', 'observe'].find((each) => each in patch);
  return kind as keyof Patch;
}
