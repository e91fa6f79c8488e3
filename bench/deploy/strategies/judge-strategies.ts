/** What each strategy is expected to lose. Pure. */

export const STRATEGY_NAMES = ['redis', 'sticky-drain-rule', 'sticky-plain'] as const;
export type StrategyName = (typeof STRATEGY_NAMES)[number];

export interface StrategyCase {
  readonly name: StrategyName;
  /** From the deploy's start until its last server had the release. */
  readonly untilEveryServerSeconds: number;
  readonly requests: number;
  readonly failed: number;
  readonly sessions: number;
  readonly sessionsLost: number;
  /** As the deploy reports it; 0 where it waits for no sessions. */
  readonly sessionsCutOff: number;
}

const FEWEST_SESSIONS = 51;

/** One sentence for each case that is not as expected. */
export const unmetByStrategies = (cases: readonly StrategyCase[]): readonly string[] =>
  cases.flatMap(({ name, failed, sessions, sessionsLost, sessionsCutOff }) => [
    ...(sessions < FEWEST_SESSIONS ? [`${name}: ${sessions} sessions began, and a comparison needs ${FEWEST_SESSIONS}`] : []),
    ...(failed > 0 ? [`${name}: ${failed} requests failed`] : []),
    ...(sessionsCutOff > 0 ? [`${name}: the deploy cut ${sessionsCutOff} sessions off`] : []),
    ...(name === 'sticky-plain' && sessionsLost === 0 ? [`${name}: no session was lost, so nothing was compared`] : []),
    ...(name !== 'sticky-plain' && sessionsLost > 0 ? [`${name}: ${sessionsLost} sessions were lost`] : []),
  ]);
