import { parseArgs } from 'node:util';

export const HELP = `Usage: npm run bench:deploy -- [options]

Roll releases through one local fleet under live traffic, with the shell script that Holdfast replaces and with Holdfast at
default settings, at each lag of the load balancer. Takes about 4 minutes, and 7 to 10 more per lag.

  --lags LIST   seconds that the load balancer keeps using the old targets (default 3,20,40)
  --users N     virtual users (default 200)
  --json        print exactly one line on standard output (progress goes to standard error)
  --help

Exit codes: 0 every expectation was met, 1 one was not (it is named), 2 an option is wrong.
`;

export interface Options {
  readonly lags: readonly number[];
  readonly users: number;
  readonly json: boolean;
}

/** @throws TypeError that quotes the wrong value */
export function parseOptions(args: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      lags: { type: 'string', default: '3,20,40' },
      users: { type: 'string', default: '200' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const lags = values.lags.split(',').map(Number);
  const users = Number(values.users);
  if (!lags.every((lag) => Number.isFinite(lag) && lag >= 0 && lag <= 120))
    throw new TypeError(`--lags ${values.lags} is not a list of seconds from 0 to 120`);
  if (!Number.isInteger(users) || users < 1 || users > 2_000) throw new TypeError(`--users ${values.users} is not a number from 1 to 2000`);
  return { lags, users, json: values.json };
}
