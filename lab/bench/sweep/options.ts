import { parseArgs } from 'node:util';
import { CASE_NAMES, type CaseName } from './sweep-case.ts';

export const HELP = `Usage: npm run bench:sweep -- [options]

Fill stores of its own with sessions, one in a hundred without a TTL (and in one store each), and go through them with Holdfast's sweep (dry runs) and
with other ways to find keys without a TTL. Meanwhile another client GETs a session of the primary every millisecond. Rounds
alternate the order of the cases; medians are printed, and what is expected of them is judged. docs/internals/benchmarks.md describes
the cases.

  --engine NAME   valkey or redis (default valkey)
  --cases LIST    cases to run, for example idle,scan,holdfast (default: all)
  --keys N        number of sessions (default 1000000)
  --rounds N      number of rounds (default 5)
  --json          print exactly one line on standard output (progress goes to standard error)
  --help

Cases: ${CASE_NAMES.join(', ')}

Exit codes: 0 every expectation was met, 1 one was not (it is named), 2 an option is wrong.
`;

const ENGINES = ['valkey', 'redis'] as const;

export interface Options {
  readonly engine: (typeof ENGINES)[number];
  readonly cases: readonly CaseName[];
  readonly keys: number;
  readonly rounds: number;
  readonly json: boolean;
}

/** @throws TypeError that quotes the wrong value */
export function parseOptions(args: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      engine: { type: 'string', default: 'valkey' },
      cases: { type: 'string', default: CASE_NAMES.join(',') },
      keys: { type: 'string', default: '1000000' },
      rounds: { type: 'string', default: '5' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  return {
    engine: oneOf('--engine', values.engine, ENGINES),
    cases: values.cases.split(',').map((name) => oneOf('--cases', name, CASE_NAMES)),
    keys: whole('--keys', values.keys, 10_000, 100_000_000),
    rounds: whole('--rounds', values.rounds, 1, 99),
    json: values.json,
  };
}

function oneOf<T extends string>(option: string, text: string, known: readonly T[]): T {
  const found = known.find((one) => one === text);
  if (found !== undefined) return found;
  throw new TypeError(`${option} ${text} is none of ${known.join(', ')}`);
}

function whole(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new TypeError(`${option} ${text} is not a whole number from ${least} to ${most}`);
}
