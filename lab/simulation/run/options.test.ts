import { expect, test } from 'vitest';
import { HELP, parseOptions } from './options.ts';

const parse = (line: string) => parseOptions(line.split(' ').filter(Boolean), 8);

test('without options 300 seeds run, on at most four cores', () => {
  expect(parse('')).toEqual({ mode: 'seeds', first: 1, count: 300, at: undefined, workers: 4, json: false });
  expect(parseOptions([], 1)).toMatchObject({ workers: 1 });
});

test('options choose what runs', () => {
  expect(parse('--seeds 2000 --from 5 --workers 2 --json')).toMatchObject({ mode: 'seeds', first: 5, count: 2000, workers: 2, json: true });
  expect(parse('--seed 0 --at abc')).toMatchObject({ mode: 'seed', first: 0, count: 1, at: 'abc' });
  expect(parse('--planted')).toMatchObject({ mode: 'planted' });
  expect(parse('--help')).toBe('help');
});

test.each([
  ['--seeds 0', '--seeds takes a whole number of at least 1, not "0"'],
  ['--seeds 1.5', '--seeds takes a whole number of at least 1, not "1.5"'],
  ['--seeds many', '--seeds takes a whole number of at least 1, not "many"'],
  ['--seed x', '--seed takes a whole number of at least 0, not "x"'],
  ['--seed=-1', '--seed takes a whole number of at least 0, not "-1"'],
  ['--workers 0', '--workers takes a whole number from 1 to 64, not "0"'],
  ['--workers 65', '--workers takes a whole number from 1 to 64, not "65"'],
  ['--seed 1 --seeds 5', '--seed and --seeds exclude each other: give one of them'],
  ['--seed 1 --planted', '--seed and --planted exclude each other: give one of them'],
  ['--seed 1 --from 2', '--from goes with --seeds only'],
  ['--planted --from 2', '--from goes with --seeds only'],
  ['--seeds 5 --at abc', '--at goes with --seed only'],
])('%s is refused in a sentence', (line, sentence) => {
  expect(() => parse(line)).toThrow(new TypeError(sentence));
});

test.each(['--sead 1', 'seeds', '--json=yes', '--seeds'])('%s is refused and quoted', (line) => {
  expect(() => parse(line)).toThrow(TypeError);
  expect(() => parse(line)).toThrow(line.split(/[ =]/)[0]);
});

test('every option is in the help', () => {
  for (const name of ['seeds', 'from', 'seed', 'at', 'planted', 'workers', 'json', 'help']) expect(HELP).toContain(`--${name} `.trimEnd());
});
