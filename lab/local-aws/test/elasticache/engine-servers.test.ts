import { describe, expect, test } from 'vitest';
import { describeEngines, describeServer, serverOf } from '../../elasticache/engine-servers.ts';

const VALKEY = { engine: 'valkey', version: '8.1.1', path: '/v' } as const;
const REDIS = { engine: 'redis', version: '7.0.15', path: '/r' } as const;

test.each([
  ['valkey', [VALKEY, REDIS], '/v'],
  ['redis', [VALKEY, REDIS], '/r'],
  ['redis', [VALKEY], '/v'],
  ['valkey', [REDIS], '/r'],
] as const)('nodes of engine %s, of %j', (engine, servers, path) => {
  expect(serverOf(servers, engine).path).toBe(path);
});

describe('what runs is said', () => {
  test.each([
    ['the same major version', [VALKEY], 'valkey', '8.0', 'Valkey 8.1.1'],
    ['the same major version of Redis', [VALKEY, REDIS], 'redis', '7.1', 'Redis 7.0.15'],
    ['another major version', [VALKEY], 'valkey', '7.2', 'Valkey 8.1.1 in place of Valkey 7.2'],
    ['another engine', [REDIS], 'valkey', '8.0', 'Redis 7.0.15 in place of Valkey 8.0'],
  ] as const)('%s', (_title, servers, engine, engineVersion, words) => {
    expect(describeServer(servers, { engine, engineVersion })).toBe(words);
  });

  test.each([
    [
      [VALKEY, REDIS],
      'Engine versions: whatever version a template names, nodes of engine valkey run Valkey 8.1.1; nodes of engine redis run Redis 7.0.15.',
    ],
    [
      [REDIS],
      'Engine versions: whatever version a template names, nodes of engine valkey run Redis 7.0.15 in place of Valkey; nodes of engine redis run Redis 7.0.15.',
    ],
  ] as const)('in the console: %j', (servers, line) => {
    expect(describeEngines(servers)).toBe(line);
  });
});
