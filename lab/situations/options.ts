/** The command line of `npm run situations`. */
import { parseArgs } from 'node:util';
import { seedOf } from './world/random.ts';

export const HELP = `Usage: npm run situations -- [options]

Simulates an installation in situations that hurt its users, or do not, has the runbook read what its servers and services show of each, and judges
what it says. Ends with 1 where something is certain and wrong, or hurt users are denied, that the list of today's does not have.

  --only NAMES     these situations, separated by commas
  --shuffle SEED   draw their order, and other people in each, from SEED
  --from FOLDER    situations of your own: its files *.json and *.ts, in the form of lab/situations/README.md
  --json           print exactly one line of JSON on standard output (progress goes to standard error)
  --record         store the evidence of each in lab/situations/evidence, and judge it
  --replay         judge the stored evidence, which takes milliseconds each, and name each whose judgement is not the recorded one
  --accept         judge the stored evidence, and record its judgement in lab/situations/judged.json
  --first          judge the first finding of an alarm, for which changes are not read yet, and name each that differs once the re-check has read them
  --pages FOLDER   write each situation's page to FOLDER/NAME.json
  --page NAME      print the message and the page of this situation, as people get them, and nothing of what is expected
  --help

Examples:
  npm run situations -- --only waf-403,oidc-561
  npm run situations -- --shuffle monday --json
  npm run situations -- --from /tmp/my-situations
  npm run situations -- --page waf-403
  npm run situations -- --replay
`;

export interface Options {
  readonly json: boolean;
  readonly first: boolean;
  /** Evidence is stored. */
  readonly record: boolean;
  /** Stored evidence is judged; `accept`: and its judgement recorded. */
  readonly replay: boolean;
  readonly accept: boolean;
  readonly only: readonly string[];
  readonly seed?: string;
  readonly from?: string;
  readonly pages?: string;
  readonly page?: string;
}

/** @throws TypeError that quotes the wrong value */
export function parseOptions(args: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      first: { type: 'boolean', default: false },
      record: { type: 'boolean', default: false },
      replay: { type: 'boolean', default: false },
      accept: { type: 'boolean', default: false },
      only: { type: 'string' },
      shuffle: { type: 'string' },
      from: { type: 'string' },
      pages: { type: 'string' },
      page: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const { json, first, record, accept, shuffle: seed, from, pages, page } = values;
  const replay = values.replay || accept;
  if ((record || replay) && (seed !== undefined || from !== undefined))
    throw new TypeError('evidence is stored of our own situations without a seed: leave --shuffle and --from out. Nothing was run');
  if (record && replay) throw new TypeError('--record stores evidence anew, and --replay judges what is stored: give one. Nothing was run');
  return {
    ...{ json, first, record, replay, accept, only: values.only?.split(',') ?? [] },
    ...(seed !== undefined && { seed: seedOf('--shuffle', seed) }),
    ...(from !== undefined && { from }),
    ...(pages !== undefined && { pages }),
    ...(page !== undefined && { page, only: [page] }),
  };
}
