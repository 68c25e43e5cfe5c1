import { autolog } from '../../src/autologging/autolog.ts';
import { autologgingIntegration } from '../../src/autologging/integration.ts';

/** As a test runner does: each turn has a library of its own, hands it over and forgets it; one is kept. */
autologgingIntegration('greeter', {
  packages: { greeter: '*' },
  patches: [{ target: 'Greeter.prototype.greet', observe: {} }],
});

const COUNT = 30;
const classes: WeakRef<object>[] = [];
const kept = makeGreeter();
const plain = kept.Greeter.prototype.greet;
autolog({ modules: { greeter: kept } });
for (let i = 0; i < COUNT; i++) handOverAndForget();

for (let i = 0; i < 10; i++) {
  await new Promise((resolve) => setTimeout(resolve, 5));
  globalThis.gc?.();
}
const isPatched = (): boolean => kept.Greeter.prototype.greet !== plain;
const states = [isPatched()];
autolog({ disable: true });
states.push(isPatched());
autolog();
states.push(isPatched());
const alive = classes.filter((each) => each.deref() !== undefined).length;
process.stdout.write(JSON.stringify({ alive, states }));

function makeGreeter() {
  return {
    Greeter: class Greeter {
      greet(): string {
        return 'hello';
      }
    },
  };
}

function handOverAndForget(): void {
  const library = makeGreeter();
  classes.push(new WeakRef(library.Greeter));
  autolog({ modules: { greeter: library } });
}
