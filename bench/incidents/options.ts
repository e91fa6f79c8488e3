/** The command line of `npm run bench:incidents`. */
import { parseArgs } from 'node:util';
import { CASE_NAMES } from './cases.ts';

export const HELP = `Usage: npm run bench:incidents -- [options]

Plants causes of incidents in a local cloud, runs the runbook of each, and judges what it found.

  --json           print exactly one line of JSON on standard output (progress goes to standard error)
  --all            every fault, with the confounders and two at once; without it the seed's nine causes and no fault
  --only NAMES     these cases, separated by commas
  --resume         go on after the cases that an interrupted run has finished
  --record FOLDER  write each case's evidence to FOLDER/NAME.json, for tests without a cloud
  --help
`;

export interface Options {
  readonly json: boolean;
  readonly all: boolean;
  readonly only: readonly string[];
  readonly resume: boolean;
  readonly record?: string;
}

/** @throws TypeError that quotes the wrong value */
export function parseOptions(args: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      all: { type: 'boolean', default: false },
      only: { type: 'string' },
      resume: { type: 'boolean', default: false },
      record: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const only = values.only?.split(',') ?? [];
  const unknown = only.find((name) => !CASE_NAMES.includes(name));
  if (unknown !== undefined) throw new TypeError(`--only ${unknown} is no case: they are ${CASE_NAMES.join(', ')}`);
  const { json, all, resume, record } = values;
  return { json, all, only, resume, ...(record !== undefined && { record }) };
}
