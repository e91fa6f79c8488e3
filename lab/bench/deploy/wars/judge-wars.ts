/** What rolling a WAR of others cost, and what is expected of it. Pure. */

export interface WarCase {
  readonly war: string;
  readonly strategy: string;
  readonly requests: number;
  /** Without those of the dead server. */
  readonly failed: number;
  /** Requests that a killed server had in flight, or that were sent to it before the load balancer knew. */
  readonly failedByDeath: number;
  /** Visits that found the log-in. */
  readonly loginsKept: readonly [kept: number, of: number];
  /** Visits that found what the ones before had left. */
  readonly stateKept: readonly [kept: number, of: number];
  /** Warnings that the session was changed and not written. */
  readonly unwritten: readonly string[];
}

const FEWEST_REQUESTS = 500;
const isWhole = ([kept, of]: WarCase['loginsKept']): boolean => kept === of;

/** One sentence for each expectation that was not met. */
export function unmetByWar(one: WarCase, isAdvisedAgainst: boolean): readonly string[] {
  const { war, strategy, requests, failed, loginsKept, stateKept, unwritten } = one;
  const about = `${war} with ${strategy}`;
  if (isAdvisedAgainst) return unwritten.length > 0 ? [] : [`${about}: no warning came that sessions are changed and not written`];
  return [
    ...(requests < FEWEST_REQUESTS ? [`${about}: ${requests} requests are too few to compare`] : []),
    ...(failed > 0 ? [`${about}: ${failed} requests failed`] : []),
    ...(isWhole(loginsKept) ? [] : [`${about}: ${loginsKept.join(' of ')} log-ins were kept`]),
    ...(isWhole(stateKept) ? [] : [`${about}: ${stateKept.join(' of ')} states were kept`]),
    ...(loginsKept[1] + stateKept[1] === 0 ? [`${about}: nothing was compared`] : []),
    ...(unwritten.length > 0 ? [`${about}: ${unwritten[0]}`] : []),
  ];
}
