import { expect, it } from 'vitest';
import { type StrategyCase, unmetByStrategies } from '../../deploy/strategies/judge-strategies.ts';

const staying = { sessions: 200 };
const a = (name: StrategyCase['name'], more: Partial<StrategyCase> = {}): StrategyCase => ({
  ...{
    name,
    untilEveryServerSeconds: 20,
    requests: 4_000,
    failed: 0,
    sessions: 60,
    sessionsLost: 0,
    sessionsCutOff: 0,
  },
  ...more,
});

it('expects plain sticky servers alone to lose sessions', () => {
  expect(unmetByStrategies([a('redis'), a('sticky-drain-rule'), a('sticky-plain', { sessionsLost: 9 })])).toEqual([]);
  const ofTomcat = [a('tomcat-sticky'), a('tomcat-plain', { sessionsLost: 9 }), a('tomcat-redis', staying)];
  expect(unmetByStrategies(ofTomcat)).toEqual([]);
});

it.each<[StrategyCase, string]>([
  [a('redis', { sessionsLost: 1 }), 'redis: 1 sessions were lost'],
  [a('sticky-drain-rule', { sessionsLost: 2 }), 'sticky-drain-rule: 2 sessions were lost'],
  [a('sticky-drain-rule', { sessionsCutOff: 2 }), 'sticky-drain-rule: the deploy cut 2 sessions off'],
  [a('sticky-drain-rule', { failed: 3 }), 'sticky-drain-rule: 3 requests failed'],
  [a('redis', { sessions: 50 }), 'redis: 50 sessions began, and a comparison needs 51'],
  [a('tomcat-plain'), 'tomcat-plain: no session was lost, so nothing was compared'],
  [a('tomcat-sticky', { sessionsCutOff: 1 }), 'tomcat-sticky: the deploy cut 1 sessions off'],
  [a('tomcat-redis', { sessions: 199 }), 'tomcat-redis: 199 sessions, of the 200 users who stay'],
  [a('sticky-plain'), 'sticky-plain: no session was lost, so nothing was compared'],
])('%j is not as expected', (one, sentence) => {
  expect(unmetByStrategies([one])).toEqual([sentence]);
});
