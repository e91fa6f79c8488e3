/** Conditions that no strategy meets at the same time, and what to change. Pure. */
import { type Condition, type Row, STRATEGIES, STRATEGY_NAMES, type Strategy } from './matrix.ts';
import type { Situation } from './situation.ts';

export interface Contradiction {
  /** The conditions that contradict each other. */
  readonly rows: readonly Condition[];
  readonly what: string;
  /** Each resolves it; the one for the recommended strategy comes first. */
  readonly change: readonly string[];
}

/** The change that makes a row no longer apply. Rows that are never against a strategy need none. */
const RESOLUTION: Readonly<Partial<Record<Condition, string>>> = {
  '5+ servers': 'run at most 4 servers',
  'Cloud/Kubernetes': 'keep the servers at fixed addresses, outside cloud and Kubernetes',
  'Legacy app (no code changes)':
    "let the container store sessions in Redis (in Tomcat with a session manager such as Redisson's: jars and context.xml, no application code, but every session attribute must be serializable), or allow the code to change",
  'HA is top priority': 'accept that the sessions of a failed server are lost',
  'Large session data (1KB+)': 'reduce a session to less than 1,024 bytes',
};

/** @param recommended the strategy whose resolution comes first */
export function findContradictions({ servers, ha, zeroDowntime }: Situation, rows: readonly Row[], recommended: Strategy): Contradiction[] {
  const single: Contradiction[] =
    servers === 1 && (ha || zeroDowntime)
      ? [
          {
            rows: rows.map(({ condition }) => condition).filter((condition) => OF_A_SINGLE_SERVER.includes(condition)),
            what: 'one server is neither highly available nor deployed without downtime, with any strategy',
            change: ['run at least 2 servers'],
          },
        ]
      : [];
  const against = STRATEGIES.map((strategy) => ({
    strategy,
    rows: rows.filter((row) => row[strategy] === 'Not recommended' || row[strategy] === 'Difficult'),
  }));
  if (against.some(({ rows: held }) => held.length === 0)) return single;
  const inOrder = against.toSorted((a, b) => Number(b.strategy === recommended) - Number(a.strategy === recommended));
  return [
    ...single,
    {
      rows: rows.filter((row) => against.some(({ rows: held }) => held.includes(row))).map(({ condition }) => condition),
      what: `the matrix advises against every strategy: ${against.map(describe).join('; ')}`,
      change: inOrder.map(
        ({ strategy, rows: held }) =>
          `for ${STRATEGY_NAMES[strategy]}: ${held.map(({ condition }) => RESOLUTION[condition]).join(', and ')}`,
      ),
    },
  ];
}

const OF_A_SINGLE_SERVER: readonly Condition[] = ['2 or fewer servers', 'HA is top priority', 'Zero-downtime deployment'];

const describe = ({ strategy, rows }: { strategy: Strategy; rows: readonly Row[] }): string =>
  `${STRATEGY_NAMES[strategy]} is ${rows.map((row) => `${row[strategy]} by "${row.condition}"`).join(' and ')}`;
