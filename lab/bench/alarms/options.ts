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
  --help
`;

export interface Options {
  readonly json: boolean;
  readonly only: readonly string[];
  readonly seed: string;
}

/** @throws TypeError that quotes the wrong value */
export function parseOptions(args: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      only: { type: 'string' },
      seed: { type: 'string', default: 'one' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const { json, seed } = values;
  const only = values.only?.split(',') ?? [];
  const names = [...MUST_FIRE, ...MUST_NOT].map(({ name }) => name);
  const unknown = only.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new TypeError(`--only ${unknown} is no case: they are ${names.join(', ')}. Nothing was run`);
  return { json, only, seed: seedOf('--seed', seed) };
}
