import { describe, expect, it } from 'vitest';
import { parseOptions } from './options.ts';

describe('options of npm run mutants', () => {
  it('record everything by default', () => {
    expect(parseOptions([], 2)).toEqual({
      sample: undefined,
      seed: undefined,
      again: false,
      scenarios: false,
      only: undefined,
      workers: 2,
      json: false,
    });
  });

  it('draw a sample', () => {
    expect(parseOptions(['--sample', '40', '--seed', '7', '--json'], 8)).toMatchObject({ sample: 40, seed: 7, workers: 4, json: true });
  });

  it.each([
    [['--sample', '0'], '--sample takes a whole number from 1 to 10000, not "0"'],
    [['--sample', 'many'], '--sample takes a whole number'],
    [['--seed', '3'], '--seed goes with --sample only'],
    [['--workers', '99'], '--workers takes a whole number from 1 to 16'],
    [['--sample', '3', '--scenarios'], '--sample stops before the scenarios'],
    [['--sample', '3', '--again'], '--sample draws fresh mutants'],
    [['--all'], "Unknown option '--all'"],
  ])('%j is refused with a sentence', (args, sentence) => {
    expect(() => parseOptions(args as string[], 2)).toThrow(sentence as string);
  });
});
