/** What is known of a system, and which rows of the matrix speak of it. */
import { type Condition, MATRIX, type Row } from './matrix.ts';

export interface Situation {
  readonly servers: number;
  /** Whether there is a system whose sessions have to be kept, and whether its code may change. */
  readonly system: 'new' | 'existing' | 'legacy';
  /** Servers come and go: cloud instances or Kubernetes pods. */
  readonly cloud: boolean;
  /** High availability is the top priority. */
  readonly ha: boolean;
  readonly zeroDowntime: boolean;
  /** One session, serialized. Undefined where nobody has measured it: the row about size then says nothing. */
  readonly sessionBytes?: number | undefined;
}

/** Servers of one fleet; a deploy's history has room for no more. */
export const MOST_SERVERS = 200;
/** A value of the store's. @see https://redis.io/docs/latest/develop/data-types/strings/ */
export const MOST_SESSION_BYTES = 512 * 1024 * 1024;
/** From here on "1KB+" holds. */
export const LARGE_SESSION_BYTES = 1_024;
/** From here on "5+ servers" holds, and "3~5 servers" does no more. */
export const MANY_SERVERS = 5;

/** A situation that no system can be in. */
export class InvalidSituation extends Error {
  override readonly name = 'InvalidSituation';
}

/** @throws InvalidSituation quoting the value and its bounds */
export function checkSituation({ servers, sessionBytes }: Situation): void {
  refuseUnlessWhole('servers', servers, MOST_SERVERS);
  if (sessionBytes !== undefined) refuseUnlessWhole('sessionBytes', sessionBytes, MOST_SESSION_BYTES);
}

function refuseUnlessWhole(name: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  throw new InvalidSituation(`${name} (${value}) is not a whole number from 1 to ${most}; no advice was given`);
}

export interface ApplicableRow {
  readonly row: Row;
  /** What of the situation makes it apply. */
  readonly because: string;
}

type Known = Partial<Situation>;

/** For each row, why it applies; undefined where it does not. Each is right of what is known, so that less gives fewer rows. */
const REASONS: Readonly<Record<Condition, (known: Known) => string | undefined>> = {
  '2 or fewer servers': ({ servers }) => when(servers !== undefined && servers <= 2, serverCount(servers)),
  '3~5 servers': ({ servers }) => when(servers !== undefined && servers > 2 && servers < MANY_SERVERS, serverCount(servers)),
  '5+ servers': ({ servers }) => when(servers !== undefined && servers >= MANY_SERVERS, serverCount(servers)),
  'Cloud/Kubernetes': ({ cloud }) => when(cloud, 'servers come and go'),
  'Legacy app (no code changes)': ({ system }) => when(system === 'legacy', 'the code stays as it is'),
  'HA is top priority': ({ ha }) => when(ha, 'asked for'),
  'Large session data (1KB+)': ({ sessionBytes }) =>
    when(sessionBytes !== undefined && sessionBytes >= LARGE_SESSION_BYTES, `${sessionBytes?.toLocaleString('en')} bytes a session`),
  'Zero-downtime deployment': ({ zeroDowntime }) => when(zeroDowntime, 'asked for'),
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
