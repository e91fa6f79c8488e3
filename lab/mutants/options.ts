import { parseArgs } from 'node:util';

export const HELP = `Usage: npm run mutants -- [options]

Plant faults in copies of this checkout, one at a time, and see which test files notice them first. Without options: record
every mutant that is given (the simulation's plants, faults that this repository once had, and those that a seed drew) in
lab/mutants/recorded/matrix.json. A recording goes on where it was stopped, and measures again what nothing noticed and what
only test files noticed that have changed since.

  --sample N        draw N fresh mutants, and run the nearest unit tests and the simulation alone
  --seed S          of the draw (default: one of its own each time, which is printed)
  --again           record those as well that are noticed already
  --scenarios       then run the scenarios that call the file, for mutants that nothing noticed
  --only TEXT       those alone whose file or change has this text
  --workers N       mutants at a time (default: one for each core, at most 4)
  --json            print exactly one line of JSON: {"mutants","noticed","survivors":[{"file","line","change"}],"seconds"}
  --help

Examples:
  npm run mutants
  npm run mutants -- --sample 40 --seed 7 --json
  npm run mutants -- --only functions/sweep

Exit codes: 0 each mutant is noticed, or listed with a reason in lab/mutants/recorded/equivalents.json; 1 some survive (they
are named), or could not be measured; 2 an option is wrong; 130 interrupted: what was found is kept.
`;

export interface Options {
  readonly sample: number | undefined;
  readonly seed: number | undefined;
  readonly again: boolean;
  readonly scenarios: boolean;
  readonly only: string | undefined;
  readonly workers: number;
  readonly json: boolean;
}

/** @throws TypeError in a sentence for the user */
export function parseOptions(args: readonly string[], cores: number): Options | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      sample: { type: 'string' },
      seed: { type: 'string' },
      again: { type: 'boolean', default: false },
      scenarios: { type: 'boolean', default: false },
      only: { type: 'string' },
      workers: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  if (values.seed !== undefined && values.sample === undefined) throw new TypeError('--seed goes with --sample only');
  if (values.again && values.sample !== undefined) throw new TypeError('--sample draws fresh mutants: leave out --again');
  if (values.scenarios && values.sample !== undefined) throw new TypeError('--sample stops before the scenarios: leave out --scenarios');
  return {
    sample: values.sample === undefined ? undefined : whole('--sample', values.sample, 1, 10_000),
    seed: values.seed === undefined ? undefined : whole('--seed', values.seed, 0, Number.MAX_SAFE_INTEGER),
    again: values.again,
    scenarios: values.scenarios,
    only: values.only,
    workers: whole('--workers', values.workers ?? String(Math.max(1, Math.min(4, cores))), 1, 16),
    json: values.json,
  };
}

function whole(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new TypeError(`${option} takes a whole number from ${least} to ${most}, not "${text}"`);
}
