/** The command line of `npm run bench:incidents`. */
import { parseArgs } from 'node:util';
import { CASE_NAMES } from './cases.ts';

export const HELP = `Usage: npm run bench:incidents -- [options]

Plants causes of incidents in a local cloud, runs the runbook of each, and judges what it found.

  --json           print exactly one line of JSON on standard output (progress goes to standard error)
  --all            every fault, with the confounders, two at once and Tomcat; without it the seed's nine causes and no fault
  --only NAMES     these cases, separated by commas
  --shuffle SEED   draw the order of the clouds, and of the cases in each, from SEED
  --resume         go on after the cases that a run of the same commit and seed has finished
  --record FOLDER  write each case's evidence to FOLDER/NAME.json, for tests without a cloud
  --pages FOLDER   write each case's page to FOLDER/NAME.txt, as "holdfast incidents show" prints it
  --help
`;

export interface Options {
  readonly json: boolean;
  readonly all: boolean;
  readonly only: readonly string[];
  readonly seed?: string;
  readonly resume: boolean;
  readonly record?: string;
  readonly pages?: string;
}

/** @throws TypeError that quotes the wrong value */
export function parseOptions(args: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      all: { type: 'boolean', default: false },
      only: { type: 'string' },
      shuffle: { type: 'string' },
      resume: { type: 'boolean', default: false },
      record: { type: 'string' },
      pages: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const only = values.only?.split(',') ?? [];
  const unknown = only.find((name) => !CASE_NAMES.includes(name));
  if (unknown !== undefined) throw new TypeError(`--only ${unknown} is no case: they are ${CASE_NAMES.join(', ')}`);
  const { json, all, shuffle: seed, resume, record, pages } = values;
  if (seed !== undefined && !/^[\w.-]{1,64}$/.test(seed))
    throw new TypeError(`--shuffle ${JSON.stringify(seed)} is not a seed: give 1 to 64 letters, digits, ".", "_" and "-"`);
  return {
    ...{ json, all, only, resume },
    ...(seed !== undefined && { seed }),
    ...(record !== undefined && { record }),
    ...(pages !== undefined && { pages }),
  };
}
