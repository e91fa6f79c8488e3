import { describe, expect, it } from 'vitest';
import type { IncidentRecord, MitigationRecord, MitigationState } from '../../../../functions/incidents/contract/incident.ts';
import { incidentOfPage } from '../../../../functions/incidents/re-login/incident-of-page.ts';

const page = (state: MitigationState): MitigationRecord => ({ name: 're-login-page', mode: 'auto', state, calls: [] });
const incident = (change: Partial<IncidentRecord> & { mitigations: object }): IncidentRecord => ({
  incidentId: 'inc-0123456789ab',
  fingerprint: 'store-failure',
  runbook: 'store-failure',
  stage: 'watching',
  openedAtMs: 0,
  signs: [],
  signCount: 0,
  runs: 1,
  ...change,
});
const ALARM = 'holdfast-web-load-balancer-5xx';

describe("the alarm on the load balancer's own errors", () => {
  it.each([
    ['of one fleet', incident({ fleet: 'web', mitigations: { 're-login-page': page('done') } })],
    ['of every fleet', incident({ mitigations: { 're-login-page@shop': page('observed'), 're-login-page@web': page('acting') } })],
    ['whose rule could not be removed', incident({ fleet: 'web', mitigations: { 're-login-page': page('leftBehind') } })],
  ])('joins the incident that shows the page: %s', (_, open) => {
    expect(incidentOfPage('holdfast', ALARM, [incident({ mitigations: {} }), open])).toBe(open);
  });

  it.each([
    ['no page was shown', incident({ fleet: 'web', mitigations: { 're-login-page': page('observed') } })],
    ['the page was removed', incident({ fleet: 'web', mitigations: { 're-login-page': page('undone') } })],
    ['the page is that of another fleet', incident({ mitigations: { 're-login-page@shop': page('done') } })],
    ['the incident is closed', incident({ fleet: 'web', closedAtMs: 1, mitigations: { 're-login-page': page('done') } })],
  ])('joins none when %s', (_, open) => {
    expect(incidentOfPage('holdfast', ALARM, [open])).toBeUndefined();
  });

  it('is the only alarm that joins by the page', () => {
    const open = incident({ fleet: 'web', mitigations: { 're-login-page': page('done') } });
    expect(incidentOfPage('holdfast', 'holdfast-web-target-5xx', [open])).toBeUndefined();
  });
});
