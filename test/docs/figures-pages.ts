/** The figures of README, docs/internals/benchmarks.md and docs/cost.md, from the places that have them: recorded runs and the estimate (lab/cost). Pure. */
import { counted } from '../../functions/shared/texts.ts';
import type { DeployCase } from '../../lab/bench/deploy/judge-cases.ts';
import type { PeopleCase } from '../../lab/bench/people/contract.ts';

/** Pages by their paths from the repository's root. */
export type Pages = Readonly<Record<'README.md' | 'docs/internals/benchmarks.md' | 'docs/cost.md', string>>;

export interface Figures {
  /** What `npm run bench:people -- --script --json` printed. */
  readonly people: readonly PeopleCase[];
  /** What `npm run bench:deploy -- --lags 3 --json` printed. */
  readonly cases: readonly DeployCase[];
  /** Of a fleet of four with the default configuration. */
  readonly cost: {
    readonly monthlyUsd: number;
    readonly withoutFreeDashboardsUsd: number;
    readonly lines: readonly { readonly item: string; readonly monthly?: number | null | undefined }[];
  };
}

const usd = (value: number): string => (value > 0 && value < 0.005 ? '<0.01' : value.toFixed(2));
const seconds = (value: number): string => `${value.toFixed(1)} s`;
const count = (value: number): string => value.toLocaleString('en');

/** Rows of README's table, by case. */
const PEOPLE: Readonly<Record<string, string>> = {
  'bad-release': 'every page of the release answers 500',
  'store-failure': 'the store fails during the deploy',
  'another-secret': 'the release has another cookie secret',
};

const peopleRows = (cases: readonly PeopleCase[]): readonly (readonly string[])[] =>
  Object.entries(PEOPLE).map(([name, row]) => [row, ...(['script', 'holdfast'] as const).map((by) => noticed(cases, name, by))]);

function noticed(cases: readonly PeopleCase[], name: string, by: PeopleCase['by']): string {
  const { requests, failed, sessionsLost, secondsUntilStopped, serversWithNew, users, usersHurt } = peopleCase(cases, name, by);
  const got = secondsUntilStopped === null ? 'went on to the last server' : `stopped after ${counted(serversWithNew, 'server')}`;
  if (name === 'another-secret') return `${usersHurt} of ${users} users logged out; ${got}`;
  return `${count(failed)} of ${count(requests)} requests failed, ${sessionsLost} sessions lost; ${got}`;
}

function peopleCase(cases: readonly PeopleCase[], name: string, by: PeopleCase['by']): PeopleCase {
  const found = cases.find((one) => one.name === name && one.by === by);
  if (found === undefined) throw new Error(`the recorded run has no case ${name} by ${by}`);
  return found;
}

const secretRows = (cases: readonly PeopleCase[]): readonly (readonly string[])[] => {
  const of = (value: (one: PeopleCase) => string) =>
    (['script', 'codeDeploy', 'holdfast'] as const).map((by) => value(peopleCase(cases, 'another-secret', by)));
  return [
    ['users logged out', ...of(({ users, usersHurt }) => `${usersHurt} of ${users}`)],
    ['until stopped', ...of(({ secondsUntilStopped }) => (secondsUntilStopped === null ? 'never' : seconds(secondsUntilStopped)))],
    ['servers with the release', ...of(({ serversWithNew }) => String(serversWithNew))],
  ];
};

/** The pages with these figures: each table keeps its heading line, and the words around it stay. @throws Error when a place is missing */
export function withFigures(pages: Pages, { people, cases, cost }: Figures): Pages {
  const [script, holdfast] = (['shell-script', 'holdfast'] as const).map((name) => {
    const found = cases.find((one) => one.name === name && one.lagSeconds === 3);
    if (found === undefined) throw new Error(`the recorded run has no case ${name} with a lag of 3 s`);
    return found;
  }) as [DeployCase, DeployCase];
  const of = (value: (one: DeployCase) => string) => [value(script), value(holdfast)];
  const every = of((one) => seconds(one.untilEveryServerSeconds));
  const ended = of((one) => seconds(one.endedAtDefaultsSeconds));
  const own = `${(holdfast.overheadSecondsPerTarget ?? Number.NaN).toFixed(1)} s`;
  const ratio = (value: (one: DeployCase) => number) => (value(holdfast) / value(script)).toFixed(2);
  const benchmarks = [
    ['until every server runs the release', ...every, ratio((one) => one.untilEveryServerSeconds)],
    ['until the deploy has ended, all settings at their default', ...ended, ratio((one) => one.endedAtDefaultsSeconds)],
    ['requests', ...of((one) => count(one.requests)), ''],
    ['requests failed', ...of((one) => String(one.failed)), ''],
    ['sessions lost', ...of((one) => String(one.sessionsLost)), ''],
  ];
  const lines = [...cost.lines.map(({ item, monthly }) => [item, usd(monthly ?? Number.NaN)]), ['total', usd(cost.monthlyUsd)]];
  const inText = `$${usd(cost.monthlyUsd)} per month`;
  return {
    'README.md': replaced(
      withTable(pages['README.md'], 'what goes wrong ', peopleRows(people)),
      /about \$\d+\.\d\d per month/,
      `about ${inText}`,
    ),
    'docs/internals/benchmarks.md': replaced(
      withTable(withTable(pages['docs/internals/benchmarks.md'], 'lag 3 s ', benchmarks), 'another secret ', secretRows(people)),
      /was \d+\.\d s per server and \d+\.\d s once\./,
      `was ${own} per server and ${seconds(holdfast.overheadSecondsOnce ?? Number.NaN)} once.`,
    ),
    'docs/cost.md': replaced(
      replaced(withTable(pages['docs/cost.md'], 'item ', lines), /\*\*\$\d+\.\d\d per month\*\*/, `**${inText}**`),
      /\*\*\$\d+\.\d\d a month\*\*/,
      `**$${usd(cost.withoutFreeDashboardsUsd)} a month**`,
    ),
  };
}

/** Replaces the rows of the table whose heading begins with `heading`, padded as the formatter pads them. */
export function withTable(page: string, heading: string, rows: readonly (readonly string[])[]): string {
  const pattern = new RegExp(`^(\\| ${heading}.*\\|\\n)(\\|[ |:-]+\\|\\n)(?:\\|.*\\|\\n)+`, 'm');
  const [, top = '', line = ''] = pattern.exec(page) ?? [];
  const titles = top
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
  const widths = titles.map((title, at) => Math.max(title.length, 3, ...rows.map((row) => (row[at] ?? '').length)));
  const written = (cells: readonly string[]) => `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |\n`;
  const rule = line
    .split('|')
    .slice(1, -1)
    .map((_, at) => '-'.repeat(widths[at] ?? 3));
  return replaced(page, pattern, written(titles) + written(rule) + rows.map(written).join(''));
}

function replaced(page: string, pattern: RegExp, by: string): string {
  if (!pattern.test(page)) throw new Error(`a page has no place for ${JSON.stringify(by.slice(0, 80))}`);
  return page.replace(pattern, () => by);
}
