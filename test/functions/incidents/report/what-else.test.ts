/** A second trouble has its sentence and its step next to the cause of the first. */
import { expect, it } from 'vitest';
import { pageOf } from '../../../../functions/incidents/report/page.ts';
import { access, evidence, FROM_MS, IN_MEMORY, NOW_MS, server, traces } from '../healthy-evidence.ts';
import { anIncident, anInput } from './an-incident.ts';

const MINUTE = 60_000;
const NONE = { target3xx: 5, target4xx: 1, target5xx: 0, elb3xx: 0, elb4xx: 0, elb5xx: 0, authErrors: 0, authFailures: 0 };
const MINUTES = Math.floor((NOW_MS - FROM_MS) / MINUTE) - 2;

/** Stickiness is off, and half of the sessions are lost; `refused` of the load balancer's requests a minute, for half an hour or until then. */
function pageWith(refused: number, untilMinutes = 0) {
  const byMinute = Array.from({ length: MINUTES }, (_, at) => {
    const isRefused = MINUTES - at <= 30 && MINUTES - at > untilMinutes;
    return { minuteMs: FROM_MS + at * MINUTE, requests: 100, ...NONE, ...(isRefused && { requests: 100 - refused, elb4xx: refused }) };
  });
  const usual = ([1, 2, 7] as const).map((daysAgo) => ({ daysAgo, minutes: MINUTES, requests: MINUTES * 100, ...NONE }));
  const lostAt = (at: number) => traces(`gone-${at}`, 4, { firstMs: FROM_MS, lastMs: NOW_MS - at * MINUTE, lost: true });
  const lost = Object.assign({}, ...Array.from({ length: 10 }, (_, at) => lostAt(at)));
  const found = evidence({
    balancer: { ...IN_MEMORY, stickiness: { enabled: false } },
    traffic: { byMinute, usual },
    servers: { servers: [server('i-1', { access: access('i-1', { sessions: { ...traces('i-1', 40), ...lost } }) }), server('i-2')] },
  });
  return pageOf(anInput({ incident: anIncident({ mitigations: {} }), evidence: found }));
}

const ELSE = /What else hurts users: 20 % of the requests .* refused before any server sees them .*, since 02:48 UTC\./;

it('is said next to the cause, and has a step after the first', () => {
  const { why, next } = pageWith(20);
  expect(why).toMatch(ELSE);
  expect(next[0]?.text).not.toContain('another trouble');
  expect(next[1]?.text).toContain('The refusals (4xx) of the load balancer can be another trouble. No server sees these');
});

it('has no step where it is over, and is not said where there is none', () => {
  const over = pageWith(20, 10);
  expect(over.why).toMatch(/What else hurts users: .* from 02:48 UTC until 03:08 UTC\./);
  const steps = [...over.next, ...pageWith(0).next].map(({ text }) => text).join();
  expect(steps).not.toContain('another trouble');
  expect(pageWith(0).why).not.toContain('What else');
});
