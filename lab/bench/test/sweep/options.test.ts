import { expect, it } from 'vitest';
import { SWEEPER_MEMORY_MEGABYTES } from '../../../../infra/constructs/store/store-sweeper.ts';
import { parseOptions } from '../../sweep/options.ts';
import { planCases } from '../../sweep/plan-cases.ts';
import { CASE_NAMES } from '../../sweep/sweep-case.ts';

it('runs every case on Valkey with a million keys, five times, by default', () => {
  expect(parseOptions([])).toEqual({ engine: 'valkey', cases: CASE_NAMES, keys: 1_000_000, rounds: 5, json: false });
});

it('takes an engine, some cases, a number of keys and of rounds', () => {
  const words = ['--engine', 'redis', '--cases', 'idle,scan', '--keys', '100000', '--rounds', '3', '--json'];
  expect(parseOptions(words)).toEqual({ engine: 'redis', cases: ['idle', 'scan'], keys: 100_000, rounds: 3, json: true });
  expect(parseOptions(['--help'])).toBe('help');
});

it.each([
  [['--engine', 'memcached'], '--engine memcached is none of valkey, redis'],
  [['--cases', 'idle,scam'], '--cases scam is none of idle, '],
  [['--keys', '1e9'], '--keys 1e9 is not a whole number from 10000 to 100000000'],
  [['--rounds', '0'], '--rounds 0 is not a whole number'],
  [['--speed'], "Unknown option '--speed'"],
])('rejects %j', (words, says) => expect(() => parseOptions(words)).toThrow(new RegExp(says, 'i')));

it('plans each chosen case once, and the share of a core once per memory size', () => {
  expect(planCases(['scan', 'idle']).map(({ name }) => name)).toEqual(['idle', 'scan']);
  expect(planCases(['holdfast-lambda-share']).map(({ memoryMegabytes }) => memoryMegabytes)).toEqual([
    SWEEPER_MEMORY_MEGABYTES,
    512,
    1_769,
  ]);
});
