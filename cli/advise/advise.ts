import { type Advice, advise as adviseOn } from '../../advisor/advise.ts';
import type { Migration, StoreMemory } from '../../advisor/migration.ts';
import { CONCLUSION, MANY_SERVERS, type Rating, STRATEGIES, STRATEGY_NAMES, type Strategy } from '../../advisor/situation.ts';
import { type Output, table } from '../output.ts';

export interface AdviseOptions {
  readonly servers: number;
  readonly sessionBytes?: number;
  readonly cloud?: boolean;
  readonly ha?: boolean;
  readonly zeroDowntime?: boolean;
  readonly existing?: boolean;
  readonly legacy?: boolean;
  readonly pageState?: boolean;
}

/** Recommends where sessions should be stored, by the strategy matrix. Calls no cloud and changes nothing. */
export async function advise(options: AdviseOptions, output: Output): Promise<void> {
  const { servers, sessionBytes, cloud = false, ha = false, zeroDowntime = false, existing = false, legacy = false, pageState } = options;
  const system = legacy ? 'legacy' : existing ? 'existing' : 'new';
  const advice = adviseOn({ servers, system, cloud, ha, zeroDowntime, sessionBytes, pageState });
  output.result(advice, () => renderAdvice(advice));
}

const DECIDES = '*';

function renderAdvice(advice: Advice): string {
  const { recommended, reason, pages, contradictions, precedence, configuration, migration } = advice;
  return [
    `Recommended: ${STRATEGY_NAMES[recommended]} (strategy "${recommended}")`,
    `  ${reason}`,
    `  ${pages}`,
    '',
    ratings(advice),
    `${DECIDES} decides the verdict of its column`,
    '',
    ...contradictions.flatMap(({ rows, what, change }) => [
      `CONTRADICTION: ${rows.join(' + ')}`,
      `  ${what}`,
      ...change.map((one) => `  change  ${one}`),
      '',
    ]),
    'PRECEDENCE',
    ...numbered(precedence),
    '',
    'CONFIGURATION to merge into holdfast.config.json (ids and addresses are placeholders)',
    ...JSON.stringify(configuration, undefined, 2)
      .split('\n')
      .map((line) => `  ${line}`),
    '',
    ...migrationLines(migration, advice),
  ].join('\n');
}

function ratings({ rows, verdicts }: Advice): string {
  const decides = (strategy: Strategy, condition: string) =>
    verdicts.some((verdict) => verdict.strategy === strategy && verdict.decidedBy.some((row) => row === condition));
  const cell = (strategy: Strategy, condition: string, rating: Rating) => `${rating}${decides(strategy, condition) ? DECIDES : ''}`;
  return table([
    ['ROW', ...STRATEGIES.map((strategy) => STRATEGY_NAMES[strategy].toUpperCase()), 'APPLIES BECAUSE'],
    ...rows.map(({ condition, because, ratings: given }) => [
      condition,
      ...STRATEGIES.map((strategy) => cell(strategy, condition, given[strategy])),
      because,
    ]),
    ['verdict', ...verdicts.map(({ rating }) => rating), ''],
  ]);
}

function migrationLines(migration: Migration, advice: Advice): string[] {
  const { serversDuringMigration, minimumWaitSeconds, store, requirements, steps, inPlace } = migration;
  return [
    `MIGRATION sticky → redis, ${advice.situation.servers === 1 ? 'one server' : `${advice.situation.servers} servers`}`,
    `  ${whenToMigrate(advice)}`,
    `  No session moves: new ones start in the store, old ones end where they are. It takes ${serversDuringMigration} servers and at least ${Math.round(minimumWaitSeconds / 60)} minutes of waiting.`,
    ...(store ? [`  ${memoryLine(store)}`] : []),
    ...requirements.map((one) => `  requires  ${one}`),
    ...steps.flatMap(({ title, how, commands, until, rollback }, index) => [
      `${String(index + 1).padStart(2)}. ${title}`,
      `      do     ${how}`,
      ...commands.map((command) => `             $ ${command}`),
      `      until  ${until}`,
      `      undo   ${rollback}`,
    ]),
    `  ${inPlace}`,
  ];
}

function whenToMigrate({ situation, recommended }: Advice): string {
  if (situation.system === 'new') return 'A new project has nothing to migrate; for sessions that are already on servers:';
  const when = recommended === 'redis' ? 'Now.' : `Not yet: Redis is required from ${MANY_SERVERS} servers on.`;
  return `"${CONCLUSION.ofExisting}" ${when}`;
}

const memoryLine = ({ bytesPerSession, nodeType, sessions }: StoreMemory): string =>
  `A session takes about ${bytesPerSession.toLocaleString('en')} bytes in the store; the default node (${nodeType}) holds ${sessions.toLocaleString('en')} of them.`;

const numbered = (lines: readonly string[]): string[] => lines.map((line, index) => `${index + 1}. ${line}`);
