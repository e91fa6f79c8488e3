/** Conditions that no strategy meets together, and what to change. Pure. */
import { type Condition, type Row, STRATEGIES, STRATEGY_NAMES, type Strategy } from './matrix.ts';
import type { Situation } from './situation.ts';

export interface Contradiction {
  /** The conditions that cannot be had together. */
  readonly rows: readonly Condition[];
  readonly what: string;
  /** Any one of them ends it, the one for the recommended strategy first. */
  readonly change: readonly string[];
}

/** What takes a row out of the situation. Rows that are never against a strategy need none. */
const WAY_OUT: Readonly<Partial<Record<Condition, string>>> = {
  '5+ servers': 'run at most 4 servers',
  'Cloud/Kubernetes': 'keep the servers at fixed addresses, outside cloud and Kubernetes',
  'Legacy app (no code changes)':
    "let the container keep sessions in the store (in Tomcat a session manager such as Redisson's: jars and context.xml, no application code, but every session attribute has to be serializable), or allow the code to change",
  'HA is top priority': 'accept that a server that fails takes its sessions along',
  'Large session data (1KB+)': 'bring a session below 1,024 bytes',
};

/** @param recommended whose way out is named first */
export function findContradictions({ servers, ha, zeroDowntime }: Situation, rows: readonly Row[], recommended: Strategy): Contradiction[] {
  const single: Contradiction[] =
    servers === 1 && (ha || zeroDowntime)
      ? [
          {
            rows: rows.map(({ condition }) => condition).filter((condition) => OF_A_SINGLE_SERVER.includes(condition)),
            what: 'one server is neither highly available nor replaced without downtime, whatever the strategy',
            change: ['have at least 2 servers'],
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
      what: `every strategy has a row against it: ${against.map(describe).join('; ')}`,
      change: inOrder.map(
        ({ strategy, rows: held }) => `for ${STRATEGY_NAMES[strategy]}: ${held.map(({ condition }) => WAY_OUT[condition]).join(', and ')}`,
      ),
    },
  ];
}

const OF_A_SINGLE_SERVER: readonly Condition[] = ['2 or fewer servers', 'HA is top priority', 'Zero-downtime deployment'];

const describe = ({ strategy, rows }: { strategy: Strategy; rows: readonly Row[] }): string =>
  `${STRATEGY_NAMES[strategy]} is ${rows.map((row) => `${row[strategy]} by "${row.condition}"`).join(' and ')}`;
