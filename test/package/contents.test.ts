import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type PackedPackage, packPackage, ROOT } from './packed-package.ts';

const EXPECTED = [
  /^(LICENSE|README\.md|package\.json|docs\/[a-z-]+\.md)$/,
  /^(src|integrations)\/([a-z0-9-]+\/)*[a-z0-9-]+\.ts$/,
  /^dist\/(src|integrations)\/([a-z0-9-]+\/)*[a-z0-9-]+\.(js|js\.map|d\.ts|d\.ts\.map)$/,
];

describe('the packed package', () => {
  let packed: PackedPackage;

  beforeAll(async () => {
    packed = await packPackage(process.cwd());
  });

  it('holds the build, its sources, the licence, the README and its pages, and nothing else', () => {
    const others = packed.names.filter((name) => !EXPECTED.some((pattern) => pattern.test(name)));
    expect(others).toEqual([]);
    expect(['LICENSE', 'README.md'].filter((name) => !packed.names.includes(name))).toEqual([]);
  });

  it('holds no test, but what tests integrations of others', () => {
    const others = packed.names.filter((name) => !/^(dist\/)?src\/testing\//.test(name));
    expect(others.filter((name) => /(^|[./-])(test|spec|bench|fixture)s?([./-]|$)/.test(name))).toEqual([]);
  });

  it('was built from the present sources', () => {
    const built = packed.names.flatMap((name) => /^dist\/(.+)\.d\.ts$/.exec(name)?.[1] ?? []);
    const sources = packed.names.flatMap((name) => /^((?:src|integrations)\/.+)\.ts$/.exec(name)?.[1] ?? []);
    expect(built).toEqual(sources);
  });

  it('holds every file that package.json names', () => {
    const manifest = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
    const text = JSON.stringify([manifest.exports, manifest.bin]);
    const named = text.match(/(?<="\.\/)[^"*]+\.(js|ts|json)(?=")/g) ?? [];
    expect(named.filter((name) => !packed.names.includes(name))).toEqual([]);
  });

  it('holds each file that is loaded only when it is needed', () => {
    const sources = packed.names.filter((name) => /^src\/.*\.ts$/.test(name));
    const loaded = sources.flatMap((name) =>
      [...fs.readFileSync(path.join(ROOT, name), 'utf8').matchAll(/requireSource<[^;]*?>\(\s*'([^']+)'/g)].map(
        ([, target]) => `dist/src/${target}.js`,
      ),
    );
    expect(loaded.length).toBeGreaterThan(5);
    expect(loaded.filter((name) => !packed.names.includes(name))).toEqual([]);
  });

  it('is smaller than 1.5 MiB', () => {
    expect(packed.packedSizeBytes).toBeLessThan(1.5 * 2 ** 20);
  });
});
