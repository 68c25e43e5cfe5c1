import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type IntegrationContract, testIntegration } from '../../src/testing.ts';

/** The contract of every integration, and what is asked of those in this package beyond it. */
export function testOwnIntegration<Options extends object>(contract: IntegrationContract<Options>): void {
  const { integration, expected } = contract;
  testIntegration(contract, { describe, it });

  it('names all that it logs in its header', () => {
    const file = path.join(import.meta.dirname, '../../integrations', `${integration.integrationName}.ts`);
    const header = fs.readFileSync(file, 'utf8').split('*/', 1)[0] ?? '';
    const types = new Set(expected.traces.flat().map((line) => line.trim().split(' ')[1] ?? ''));
    for (const type of types) expect(header).toContain(type);
    expect(header).toMatch(/^\/\*\*\n \* Logs /);
    expect(header).toMatch(/ \* Source: [^\n]+/);
  });
}
