import { parseArgs } from 'node:util';

export const HELP = `Usage: npm run rehearse -- [options]

Run every command of docs/install-new.md, from an empty account to the first deploys and back to nothing, and print a line
per step. Without --region in the local cloud, with the times of AWS where that is bearable: about 10 minutes.

  --region REGION   on AWS, with the credentials of your environment; asks before each step that costs money
  --yes             on AWS: does not ask
  --json            print exactly one line on standard output (progress goes to standard error)
  --help

Exit codes: 0 every step was as described, 1 one was not (later ones were not run), 2 an option is wrong, 130 interrupted.
The output contains no account id, so that it can be attached to an issue.

Examples:
  npm run rehearse
  npm run rehearse -- --region eu-west-1
`;

export interface Options {
  /** Absent: the local cloud. */
  readonly region?: string;
  readonly yes: boolean;
  readonly json: boolean;
}

/** @throws TypeError that quotes the wrong value */
export function parseOptions(args: readonly string[], interactive: boolean): Options | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      region: { type: 'string' },
      yes: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const { region, yes, json } = values;
  if (region === undefined) {
    if (yes) throw new TypeError('--yes applies to --region only: the local cloud costs nothing');
    return { yes, json };
  }
  if (!/^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) throw new TypeError(`--region ${JSON.stringify(region)} is not a Region such as eu-west-1`);
  if (!yes && !interactive)
    throw new TypeError(
      'there is no terminal to ask in before a step that costs money. Nothing was started. Pass --yes to agree to all of them',
    );
  return { region, yes, json };
}
