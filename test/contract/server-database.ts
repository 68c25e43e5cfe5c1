import { describe } from 'vitest';
import { resolveTrackingStore } from '../../src/store/store-uri.ts';
import type { ServerRequirement } from '../support/servers.ts';
import { testTrackingStore } from './contract.ts';
import type { BackEnd } from './subject.ts';

/** Tests the contract of tracking stores on a database server that a machine may lack. */
export function testServerDatabase(name: string, server: ServerRequirement, lacks: BackEnd['lacks'] = {}): void {
  describe.skipIf(server.isMissing)(server.title(`the contract of tracking stores, on ${name}`), () => {
    testTrackingStore({
      name,
      lacks,
      open: async () => resolveTrackingStore(await server.createDatabase()),
    });
  });
}
