import { parseArgs } from 'node:util';

export const HELP = `Usage: npm run simulate -- [options]

Run Holdfast's deploys in virtual time: the synthesized state machines and the functions' own code, against a simulated
cloud in which things go wrong. A seed decides everything, so a run can be repeated.

  --seeds N        run the seeds 1 to N (default 300)
  --from N         begin with this seed instead of 1
  --seed N         run one seed and print what happened, moment by moment
  --at COMMIT      the commit that a seed was reported for: a warning if this checkout is another one
  --planted        change one line of the engine at a time, and see that each change is found
  --workers N      processes (default: one for each core, at most 4)
  --json           print exactly one line of JSON
  --help

Examples:
  npm run simulate -- --seeds 2000
  npm run simulate -- --seed 1234 --at 3f2c1ab
  npm run simulate -- --planted --json
  npm run simulate -- --seeds 100000 --workers 2

Exit codes: 0 everything held, 1 something did not (or a state was never reached, or a plant was missed), 2 an option is wrong,
130 interrupted: what was found until then is printed.
`;

export interface Options {
  readonly mode: 'seeds' | 'seed' | 'planted';
  readonly first: number;
  readonly count: number;
  readonly at: string | undefined;
  readonly workers: number;
  readonly json: boolean;
}

const MOST_WORKERS = 64;

/** @throws TypeError in a sentence for the user */
export function parseOptions(args: readonly string[], cores: number): Options | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: 'string' },
      from: { type: 'string' },
      seed: { type: 'string' },
      at: { type: 'string' },
      planted: { type: 'boolean', default: false },
      workers: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const chosen = [values.seed !== undefined && '--seed', values.seeds !== undefined && '--seeds', values.planted && '--planted'].filter(
    Boolean,
  );
  if (chosen.length > 1) throw new TypeError(`${chosen.join(' and ')} exclude each other: give one of them`);
  if (values.from !== undefined && (values.seed !== undefined || values.planted)) throw new TypeError('--from goes with --seeds only');
  if (values.at !== undefined && values.seed === undefined) throw new TypeError('--at goes with --seed only');
  const mode = values.planted ? 'planted' : values.seed === undefined ? 'seeds' : 'seed';
  return {
    mode,
    first: mode === 'seed' ? whole('--seed', values.seed ?? '', 0) : whole('--from', values.from ?? '1', 0),
    count: mode === 'seed' ? 1 : whole('--seeds', values.seeds ?? '300', 1),
    at: values.at,
    workers: whole('--workers', values.workers ?? String(Math.max(1, Math.min(4, cores))), 1, MOST_WORKERS),
    json: values.json,
  };
}

function whole(option: string, text: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  throw new TypeError(`${option} takes a whole number ${range}, not "${text}"`);
}
