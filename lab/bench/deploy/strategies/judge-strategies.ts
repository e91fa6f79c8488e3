/** What each strategy is expected to lose. Pure. */

/** Strategies that the Node example is rolled with. */
const OF_NODE = ['redis', 'sticky-drain-rule', 'sticky-plain'] as const;
/** Strategies that the Tomcat example is rolled with. */
const OF_TOMCAT = ['tomcat-sticky', 'tomcat-plain', 'tomcat-redis'] as const;
export type StrategyName = (typeof OF_NODE)[number] | (typeof OF_TOMCAT)[number];
export const strategyNames = (isTomcat: boolean): readonly StrategyName[] => (isTomcat ? OF_TOMCAT : OF_NODE);

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
/** Users of these stay through the deploy, each in one session. */
export const STAYING_USERS = 200;
export const stays = (name: StrategyName): boolean => name === 'tomcat-redis';
/** Sessions that nobody waits for. */
const isPlain = (name: StrategyName): boolean => name === 'sticky-plain' || name === 'tomcat-plain';

/** One sentence for each case that is not as expected. */
export const unmetByStrategies = (cases: readonly StrategyCase[]): readonly string[] =>
  cases.flatMap(({ name, failed, sessions, sessionsLost, sessionsCutOff }) => [
    ...fewSessions(name, sessions),
    ...(failed > 0 ? [`${name}: ${failed} requests failed`] : []),
    ...(sessionsCutOff > 0 ? [`${name}: the deploy cut ${sessionsCutOff} sessions off`] : []),
    ...(isPlain(name) && sessionsLost === 0 ? [`${name}: no session was lost, so nothing was compared`] : []),
    ...(!isPlain(name) && sessionsLost > 0 ? [`${name}: ${sessionsLost} sessions were lost`] : []),
  ]);

function fewSessions(name: StrategyName, sessions: number): readonly string[] {
  const fewest = stays(name) ? STAYING_USERS : FEWEST_SESSIONS;
  const what = stays(name) ? `of the ${STAYING_USERS} users who stay` : `and a comparison needs ${FEWEST_SESSIONS}`;
  return sessions < fewest ? [`${name}: ${sessions} sessions${stays(name) ? '' : ' began'}, ${what}`] : [];
}
