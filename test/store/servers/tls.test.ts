import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { DatabaseServer } from '../../support/database-server.ts';
import { createRequirement } from '../../support/requirements.ts';
import { requireMariadb, requirePostgresql, type ServerRequirement } from '../../support/servers.ts';
import { temporaryFolder } from '../records.ts';
import { openStore } from './on-each-server.ts';

const openssl = createRequirement(spawnSync('openssl', ['version']).status !== 0, 'no openssl is installed', true);
const postgresql = requirePostgresql();
const mariadb = requireMariadb();

describe.skipIf(openssl.isMissing || postgresql.isMissing)(
  openssl.title(postgresql.title('TLS to a PostgreSQL that takes nothing else')),
  () => {
    const { certificate, createDatabase } = startWithTls(postgresql, (files) => [
      ...['-c', 'ssl=on', '-c', `ssl_cert_file=${files.certificate}`, '-c', `ssl_key_file=${files.key}`],
      ...['-c', `hba_file=${files.onlyTls}`],
    ]);

    test('is used where the URI says nothing', async () => {
      expect((await openStore(await createDatabase()).getExperiment('0')).name).toBe('Default');
    });

    test('without it the server refuses', async () => {
      const store = openStore(`${await createDatabase()}?sslmode=disable`);
      await expect(store.getExperiment('0')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    });

    test('a certificate that is asked to be checked is checked', async () => {
      const uri = (await createDatabase()).replace('127.0.0.1', 'localhost');
      const store = openStore(`${uri}?sslmode=verify-full`);
      await expect(store.getExperiment('0')).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
      const trusting = openStore(`${uri}?sslmode=verify-full&sslrootcert=${certificate()}`);
      expect((await trusting.getExperiment('0')).name).toBe('Default');
    });

    test('the name in the certificate counts for verify-full, and not for verify-ca', async () => {
      const uri = await createDatabase();
      const full = openStore(`${uri}?sslmode=verify-full&sslrootcert=${certificate()}`);
      await expect(full.getExperiment('0')).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
      const authority = openStore(`${uri}?sslmode=verify-ca&sslrootcert=${certificate()}`);
      expect((await authority.getExperiment('0')).name).toBe('Default');
    });
  },
);

describe.skipIf(openssl.isMissing || mariadb.isMissing)(
  openssl.title(mariadb.title('TLS to a MariaDB that has it')),
  () => {
    const { certificate, createDatabase } = startWithTls(mariadb, (files) => [
      ...[`--ssl-cert=${files.certificate}`, `--ssl-key=${files.key}`],
    ]);
    afterEach(() => {
      delete process.env.MLFLOW_MYSQL_SSL_CA;
    });

    test('is checked against the authority that the URI names', async () => {
      const uri = (await createDatabase()).replace('127.0.0.1', 'localhost');
      expect(await tlsConnectionsOf(uri)).toBe(0);
      expect(await tlsConnectionsOf(`${uri}?ssl_ca=${certificate()}`)).toBeGreaterThan(0);
      expect(await tlsConnectionsOf(`${uri}?ssl_ca=${certificate()}&ssl_verify_identity=true`)).toBeGreaterThan(0);
      const store = openStore(`${uri}?ssl_verify_cert=true`);
      await expect(store.getExperiment('0')).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
    });

    test('takes MLflow’s environment variables where the URI says nothing', async () => {
      process.env.MLFLOW_MYSQL_SSL_CA = certificate();
      expect(await tlsConnectionsOf(await createDatabase())).toBeGreaterThan(0);
    });
  },
);

/** Opens a store and returns how many of the connections that it made were by TLS. */
async function tlsConnectionsOf(uri: string): Promise<number> {
  const plain = uri.replace(/\?.*/, '').replace('localhost', '127.0.0.1');
  const count = async () => {
    const [row] = await mariadb.ask(plain, "SHOW GLOBAL STATUS LIKE 'Ssl_finished_accepts'");
    return Number(row?.Value);
  };
  const before = await count();
  await openStore(uri).getExperiment('0');
  return (await count()) - before;
}

/** Starts a server with a certificate of its own for "localhost", for all tests of a block. */
function startWithTls(
  server: ServerRequirement,
  args: (files: { certificate: string; key: string; onlyTls: string }) => readonly string[],
): { certificate(): string; createDatabase(): Promise<string> } {
  let own: DatabaseServer | undefined;
  let certificate = '';
  beforeAll(async () => {
    own = await server.startOwn((folder) => {
      const files = makeCertificate(folder);
      certificate = files.certificate;
      for (const file of Object.values(files)) {
        const { uid, gid } = server.kind.user;
        if (uid !== undefined && gid !== undefined) fs.chownSync(file, uid, gid);
      }
      return args(files);
    });
    return () => own?.remove();
  });
  return {
    certificate: () => {
      const copy = path.join(temporaryFolder(), 'ca.pem');
      fs.copyFileSync(certificate, copy);
      return copy;
    },
    createDatabase: async () => (await own?.createDatabase()) ?? '',
  };
}

function makeCertificate(folder: string): { certificate: string; key: string; onlyTls: string } {
  const [certificate, key, onlyTls] = ['server.crt', 'server.key', 'hba'].map((it) => path.join(folder, it)) as [
    string,
    string,
    string,
  ];
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  execFileSync('openssl', ['req', ...kind, ...names, '-keyout', key, '-out', certificate], { stdio: 'pipe' });
  fs.chmodSync(key, 0o600);
  // The first line is for what makes the databases.
  fs.writeFileSync(
    onlyTls,
    ['host postgres all 127.0.0.1/32', 'hostssl all all 127.0.0.1/32', 'hostssl all all ::1/128']
      .map((line) => `${line} scram-sha-256\n`)
      .join(''),
  );
  return { certificate, key, onlyTls };
}
