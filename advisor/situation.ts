/** What is known about a system, and which rows of the matrix apply to it. */

export interface Situation {
  readonly servers: number;
  /** Whether the system exists and has sessions to keep, and whether its code can change. */
  readonly system: 'new' | 'existing' | 'legacy';
  /** Servers come and go: cloud instances or Kubernetes pods. */
  readonly cloud: boolean;
  /** High availability is the top priority. */
  readonly ha: boolean;
  readonly zeroDowntime: boolean;
  /** Size of one serialized session. Undefined if it is unknown: then the row about size does not apply. */
  readonly sessionBytes?: number | undefined;
  /** In the session, as Wicket, Faces and Vaadin do, or in objects that requests change in place. Undefined if it is unknown. */
  readonly pageState?: boolean | undefined;
}

/** The most servers of one fleet: the execution history of a deploy has no room for more. */
export const MAXIMUM_SERVERS = 200;
/** The largest value that the store accepts. @see https://redis.io/docs/latest/develop/data-types/strings/ */
export const MAXIMUM_SESSION_BYTES = 512 * 1024 * 1024;
/** From this size on, "1KB+" applies. */
export const LARGE_SESSION_BYTES = 1_024;
/** From this number on, "5+ servers" applies, and "3~5 servers" does not. */
export const MANY_SERVERS = 5;

export class InvalidSituation extends Error {
  override readonly name = 'InvalidSituation';
}

/** @throws InvalidSituation with the value and its bounds */
export function checkSituation({ servers, sessionBytes }: Situation): void {
  refuseUnlessWhole('servers', servers, MAXIMUM_SERVERS);
  if (sessionBytes !== undefined) refuseUnlessWhole('sessionBytes', sessionBytes, MAXIMUM_SESSION_BYTES);
}

function refuseUnlessWhole(name: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  throw new InvalidSituation(`${name} (${value}) is not a whole number from 1 to ${most}. No advice was given.`);
}

export type ApplicableRow = { readonly row: Row; readonly because: string };

type Known = Partial<Situation>;

/** Why each row applies; undefined where it does not. What is unknown makes no row apply. */
const REASONS: Readonly<Record<Condition, (known: Known) => string | undefined>> = {
  '2 or fewer servers': ({ servers }) => when(servers !== undefined && servers <= 2, serverCount(servers)),
  '3~5 servers': ({ servers }) => when(servers !== undefined && servers > 2 && servers < MANY_SERVERS, serverCount(servers)),
  '5+ servers': ({ servers }) => when(servers !== undefined && servers >= MANY_SERVERS, serverCount(servers)),
  'Cloud/Kubernetes': ({ cloud }) => when(cloud, 'servers come and go'),
  'Legacy app (no code changes)': ({ system }) => when(system === 'legacy', 'the code cannot change'),
  'HA is top priority': ({ ha }) => when(ha, 'required'),
  'Large session data (1KB+)': ({ sessionBytes }) =>
    when(sessionBytes !== undefined && sessionBytes >= LARGE_SESSION_BYTES, `${sessionBytes?.toLocaleString('en')} bytes per session`),
  'Zero-downtime deployment': ({ zeroDowntime }) => when(zeroDowntime, 'required'),
};

const when = (applies: boolean | undefined, because: string): string | undefined => (applies ? because : undefined);
const serverCount = (servers: number | undefined): string => `${servers} ${servers === 1 ? 'server' : 'servers'}`;

/** The rows that apply, in the matrix's order. */
export function rowsThatApply(known: Known): ApplicableRow[] {
  return MATRIX.flatMap((row) => {
    const because = REASONS[row.condition](known);
    return because === undefined ? [] : [{ row, because }];
  });
}

/** The strategy selection matrix, verbatim: which session strategy suits which condition. Data only. */

/** Where sessions are stored: in one server's memory, in the memory of every server of a Tomcat cluster, or in the session store. */
export const STRATEGIES = ['sticky', 'tomcat-cluster', 'redis'] as const;
export type Strategy = (typeof STRATEGIES)[number];

/** The headings of the matrix. */
export const STRATEGY_NAMES: Readonly<Record<Strategy, string>> = {
  sticky: 'Sticky Session',
  'tomcat-cluster': 'Tomcat Cluster',
  redis: 'Redis Session',
};

export type Rating = 'Required' | 'Best' | 'Recommended' | 'Possible' | 'Over-engineering' | 'Caution' | 'Difficult' | 'Not recommended';

export const MATRIX = [
  { condition: '2 or fewer servers', sticky: 'Best', 'tomcat-cluster': 'Possible', redis: 'Over-engineering' },
  { condition: '3~5 servers', sticky: 'Possible', 'tomcat-cluster': 'Best', redis: 'Recommended' },
  { condition: '5+ servers', sticky: 'Not recommended', 'tomcat-cluster': 'Not recommended', redis: 'Required' },
  { condition: 'Cloud/Kubernetes', sticky: 'Not recommended', 'tomcat-cluster': 'Difficult', redis: 'Required' },
  { condition: 'Legacy app (no code changes)', sticky: 'Best', 'tomcat-cluster': 'Possible', redis: 'Difficult' },
  { condition: 'HA is top priority', sticky: 'Not recommended', 'tomcat-cluster': 'Possible', redis: 'Best' },
  { condition: 'Large session data (1KB+)', sticky: 'Possible', 'tomcat-cluster': 'Not recommended', redis: 'Best' },
  { condition: 'Zero-downtime deployment', sticky: 'Caution', 'tomcat-cluster': 'Caution', redis: 'Best' },
] as const satisfies readonly ({ readonly condition: string } & Readonly<Record<Strategy, Rating>>)[];

export type Row = (typeof MATRIX)[number];
export type Condition = Row['condition'];

export const CONCLUSION = {
  ofNew: 'Start with Redis for new projects.',
  ofExisting: 'For existing systems, migrate gradually based on scale.',
} as const;

/** A row, quoted for one sentence. */
export const quoteRow = (row: Row): string =>
  `"${row.condition}" (${STRATEGIES.map((strategy) => `${STRATEGY_NAMES[strategy]}: ${row[strategy]}`).join(', ')})`;
