/** Advice as people read it. Pure. */
import type { Advice } from '../../advisor/advise.ts';
import { CONCLUSION, type Rating, STRATEGIES, STRATEGY_NAMES, type Strategy } from '../../advisor/matrix.ts';
import type { Migration } from '../../advisor/migration.ts';
import { MANY_SERVERS } from '../../advisor/situation.ts';
import type { StoreMemory } from '../../advisor/store-memory.ts';
import { table } from '../output.ts';

const DECIDES = '*';

export function renderAdvice(advice: Advice): string {
  const { recommended, reason, contradictions, precedence, configuration, migration } = advice;
  return [
    `Recommended: ${STRATEGY_NAMES[recommended]} (strategy "${recommended}")`,
    `  ${reason}`,
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
    'CONFIGURATION, to merge into holdfast.config.json (ids and addresses are placeholders)',
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
    ['ROW', ...STRATEGIES.map((strategy) => STRATEGY_NAMES[strategy].toUpperCase()), 'APPLIES BY'],
    ...rows.map(({ condition, because, ratings: given }) => [
      condition,
      ...STRATEGIES.map((strategy) => cell(strategy, condition, given[strategy])),
      because,
    ]),
    ['verdict', ...verdicts.map(({ rating }) => rating), ''],
  ]);
}

function migrationLines(migration: Migration, advice: Advice): string[] {
  const { serversMeanwhile, leastSeconds, store, needs, steps, inPlace } = migration;
  return [
    `MIGRATION sticky → redis, ${advice.situation.servers === 1 ? 'one server' : `${advice.situation.servers} servers`}`,
    `  ${whenToMigrate(advice)}`,
    `  No session moves: new ones begin in the store, old ones end where they are. ${serversMeanwhile} servers meanwhile, ${Math.round(leastSeconds / 60)} minutes of waiting at least.`,
    ...(store ? [`  ${memoryLine(store)}`] : []),
    ...needs.map((need) => `  needs  ${need}`),
    ...steps.flatMap(({ title, how, commands, until, rollback }, index) => [
      `${String(index + 1).padStart(2)}. ${title}`,
      `      do     ${how}`,
      ...commands.map((command) => `             $ ${command}`),
      `      until  ${until}`,
      `      back   ${rollback}`,
    ]),
    `  ${inPlace}`,
  ];
}

function whenToMigrate({ situation, recommended }: Advice): string {
  if (situation.system === 'new') return 'Nothing to migrate in a new project; for sessions that live in servers already:';
  const when = recommended === 'redis' ? 'Now.' : `Not yet: from ${MANY_SERVERS} servers on Redis is required.`;
  return `"${CONCLUSION.ofExisting}" ${when}`;
}

const memoryLine = ({ bytesPerSession, nodeType, sessions }: StoreMemory): string =>
  `A session takes about ${bytesPerSession.toLocaleString('en')} bytes in the store; the default node (${nodeType}) holds ${sessions.toLocaleString('en')} of them.`;

const numbered = (lines: readonly string[]): string[] => lines.map((line, index) => `${index + 1}. ${line}`);
