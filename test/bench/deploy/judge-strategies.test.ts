import { expect, it } from 'vitest';
import { type StrategyCase, unmetByStrategies } from '../../../bench/deploy/strategies/judge-strategies.ts';

const a = (name: StrategyCase['name'], more: Partial<StrategyCase> = {}): StrategyCase => ({
  ...{ name, untilEveryServerSeconds: 20, requests: 4_000, failed: 0, sessions: 60, sessionsLost: 0, sessionsCutOff: 0 },
  ...more,
});

it('expects plain sticky servers alone to lose sessions', () => {
  expect(unmetByStrategies([a('redis'), a('sticky-drain-rule'), a('sticky-plain', { sessionsLost: 9 })])).toEqual([]);
});

it.each([
  [a('redis', { sessionsLost: 1 }), 'redis: 1 sessions were lost'],
  [a('sticky-drain-rule', { sessionsLost: 2 }), 'sticky-drain-rule: 2 sessions were lost'],
  [a('sticky-drain-rule', { sessionsCutOff: 2 }), 'sticky-drain-rule: the deploy cut 2 sessions off'],
  [a('sticky-drain-rule', { failed: 3 }), 'sticky-drain-rule: 3 requests failed'],
  [a('redis', { sessions: 50 }), 'redis: 50 sessions began, and a comparison needs 51'],
  [a('sticky-plain'), 'sticky-plain: no session was lost, so nothing was compared'],
])('%j is not as expected', (one, sentence) => {
  expect(unmetByStrategies([one])).toEqual([sentence]);
});
