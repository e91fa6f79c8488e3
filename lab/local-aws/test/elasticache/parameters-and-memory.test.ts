import { describe, expect, test } from 'vitest';
import { maxMemoryBytes } from '../../elasticache/node-types.ts';
import { nodeConfiguration } from '../../elasticache/nodes/server-config.ts';
import { engineSettings, familyOf, parameterProblem } from '../../elasticache/parameter-catalog.ts';

const MIB = 1024 * 1024;

describe('parameters', () => {
  test.each([
    ['maxmemory-policy', 'volatile-ttl', undefined],
    ['maxmemory-policy', 'oldest-first', 'not allowed'],
    ['timeout', '300', undefined],
    ['timeout', '-1', 'not allowed'],
    ['timeout', 'soon', 'not allowed'],
    ['slowlog-log-slower-than', '-1', undefined],
    ['notify-keyspace-events', 'Ex', undefined],
    ['notify-keyspace-events', 'Ex\nrequirepass x', 'not allowed'],
    ['maxclients', '10', 'cannot be modified'],
    ['no-such-parameter', '1', 'Could not find'],
  ])('%s = %j', (name, value, problem) => {
    if (problem === undefined) expect(parameterProblem(name, value)).toBeUndefined();
    else expect(parameterProblem(name, value)).toContain(problem);
  });

  test('the engine gets the parameters that it knows, and always the eviction policy', () => {
    expect(engineSettings({ timeout: '60', 'reserved-memory-percent': '30' })).toEqual({
      'maxmemory-policy': 'volatile-lru',
      timeout: '60',
    });
  });

  test.each([
    ['redis', '7.1', 'redis7'],
    ['redis', '6.2', 'redis6.x'],
    ['valkey', '8.0', 'valkey8'],
    ['valkey', '7.2', 'valkey7'],
  ])('%s %s is of family %s', (engine, version, family) => {
    expect(familyOf(engine, version)).toBe(family);
  });
});

test.each([
  ['cache.t4g.micro', 25, 128 * MIB, 96 * MIB],
  ['cache.t4g.micro', 0, 2048 * MIB, 512 * MIB],
  ['cache.unknown.large', 50, 64 * MIB, 32 * MIB],
])('%s with %d %% reserved holds the lesser of its own memory and the cap', (nodeType, reserved, cap, bytes) => {
  expect(maxMemoryBytes(nodeType, reserved, cap)).toBe(bytes);
});

test('a configuration quotes the folder and an empty value', () => {
  const text = nodeConfiguration({
    port: 1,
    folder: '/a folder/"x"',
    adminPassword: 'p',
    aclLines: [],
    engineSettings: { 'notify-keyspace-events': '' },
    maxMemoryBytes: 1,
    keepsSnapshots: false,
  });
  expect(text).toContain('dir "/a folder/\\"x\\""\n');
  expect(text).toContain('notify-keyspace-events ""\n');
});
