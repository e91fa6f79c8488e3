/** Each connection to a store is made by the client whose errors have no arguments of commands: a password is one of AUTH. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');
const FOLDERS = [
  'bin',
  'cli',
  'console',
  'functions',
  'infra',
  'lab/demo',
  'lab/local-aws',
  'lab/monitoring',
  'lab/processes',
  'lab/rehearse',
  'server',
  'session',
  'setup',
];
const THE_CLIENT = 'functions/shared/store/store-connection.ts';
/** The local cloud imports nothing of the product; its connection takes the arguments off itself. */
const OF_THE_LOCAL_CLOUD = 'lab/local-aws/elasticache/nodes/admin-connection.ts';

/** An import of ioredis for more than its types: `import type { Redis }` and `{ type Redis }` make no connection. */
function importsClient(source: string): boolean {
  return [...source.matchAll(/^import\s+(type\s)?([^;]*?)\s+from\s+'ioredis'|(?:import|require)\('ioredis'\)/gm)].some(
    ([, type, names]) => !type && (names === undefined || !/^\{(?:\s*type\s+\w+,?)+\s*\}$/.test(names)),
  );
}

describe('ioredis', () => {
  it(`is imported for more than its types by ${THE_CLIENT} alone, and by the local cloud's own connection`, () => {
    const files = globSync(
      FOLDERS.map((folder) => `${folder}/**/*.{ts,mts,js,mjs}`),
      { cwd: ROOT, exclude: (name) => /node_modules|^test$/.test(String(name)) },
    );
    expect(files.length).toBeGreaterThan(500);
    expect(files.sort().filter((file) => importsClient(readFileSync(path.join(ROOT, file), 'utf8')))).toEqual([
      THE_CLIENT,
      OF_THE_LOCAL_CLOUD,
    ]);
  });

  it.each([
    ["import { Redis } from 'ioredis';", true],
    ["import { type Command, Redis } from 'ioredis';", true],
    ["import {\n  Cluster,\n} from 'ioredis';", true],
    ["import Client from 'ioredis';", true],
    ["import * as client from 'ioredis';", true],
    ["const { Redis } = await import('ioredis');", true],
    ["import type { Redis } from 'ioredis';", false],
    ["import { type Redis, type RedisOptions } from 'ioredis';", false],
  ] as const)('%j: %s', (source, expected) => {
    expect(importsClient(source)).toBe(expected);
  });
});
