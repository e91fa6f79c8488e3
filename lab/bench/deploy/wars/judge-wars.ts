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
  /** Who said that sessions are changed and not written, in whose words. */
  readonly unwritten: readonly Unwritten[];
}

export interface Unwritten {
  /** `deploy` is its warning, or the reason why it failed. */
  readonly by: 'deploy' | 'doctor' | 'server';
  readonly says: string;
}

/** What docs say of the strategy: recommended, advised against with a warning, or with `deploy.bakeMaxUnwritten` a deploy that fails. */
export type Advice = 'recommended' | 'warned' | 'refused';

const WITNESSES: Readonly<Record<Advice, readonly Unwritten['by'][]>> = {
  recommended: [],
  warned: ['deploy', 'doctor', 'server'],
  refused: ['deploy'],
};

const FEWEST_REQUESTS = 500;
const isWhole = ([kept, of]: WarCase['loginsKept']): boolean => kept === of;

/** One sentence for each expectation that was not met. */
export function unmetByWar(one: WarCase, advice: Advice): readonly string[] {
  const { war, strategy, requests, failed, loginsKept, stateKept, unwritten } = one;
  const about = `${war} with ${strategy}`;
  const silent = WITNESSES[advice].filter((witness) => !unwritten.some(({ by }) => by === witness));
  if (advice !== 'recommended')
    return silent.map((witness) => `${about}: ${witness} did not say that sessions are changed and not written`);
  return [
    ...(requests < FEWEST_REQUESTS ? [`${about}: ${requests} requests are too few to compare`] : []),
    ...(failed > 0 ? [`${about}: ${failed} requests failed`] : []),
    ...(isWhole(loginsKept) ? [] : [`${about}: ${loginsKept.join(' of ')} log-ins were kept`]),
    ...(isWhole(stateKept) ? [] : [`${about}: ${stateKept.join(' of ')} states were kept`]),
    ...(loginsKept[1] + stateKept[1] === 0 ? [`${about}: nothing was compared`] : []),
    ...unwritten.slice(0, 1).map(({ says }) => `${about}: ${says}`),
  ];
}
