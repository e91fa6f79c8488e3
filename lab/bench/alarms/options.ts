/** The command line of `npm run bench:alarms`. */
import { parseArgs } from 'node:util';
import { seedOf } from '../../situations/world/random.ts';
import { MUST_FIRE, MUST_NOT } from './cases.ts';

export const HELP = `Usage: npm run bench:alarms -- [options]

Simulates people on a site, in virtual time, and what the load balancer and the collector publish of them; evaluates the alarms of the templates
on it. Ends with 1 where one that must fire does not within five minutes, or any fires in an ordinary week.

  --json         print exactly one line of JSON on standard output (progress goes to standard error)
  --only NAMES   these cases, separated by commas
  --seed SEED    draw other people from SEED
  --seeds N      a sweep: draw other people N times, from SEED-1 to SEED-N, one run of each case; prints what is wrong per draw
  --help
`;

export interface Options {
  readonly json: boolean;
  readonly only: readonly string[];
  readonly seed: string;
  /** How many draws; absent: no sweep. */
  readonly seeds?: number;
}

/** @throws TypeError that quotes the wrong value */
export function parseOptions(args: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      only: { type: 'string' },
      seed: { type: 'string', default: 'one' },
      seeds: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const { json, seed } = values;
  const only = values.only?.split(',') ?? [];
  const names = [...MUST_FIRE, ...MUST_NOT].map(({ name }) => name);
  const unknown = only.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new TypeError(`--only ${unknown} is no case: they are ${names.join(', ')}. Nothing was run`);
  const seeds = values.seeds === undefined ? undefined : Number(values.seeds);
  if (seeds !== undefined && !(Number.isInteger(seeds) && seeds >= 1 && seeds <= 100))
    throw new TypeError(`--seeds ${values.seeds} is not a number from 1 to 100. Nothing was run`);
  return { json, only, seed: seedOf('--seed', seed), ...(seeds !== undefined && { seeds }) };
}
