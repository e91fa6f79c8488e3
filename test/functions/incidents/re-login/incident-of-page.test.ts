import { describe, expect, it } from 'vitest';
import type { IncidentRecord, MitigationRecord, MitigationState } from '../../../../functions/incidents/contract/incident.ts';
import { incidentOfPage } from '../../../../functions/incidents/re-login/incident-of-page.ts';

const page = (state: MitigationState, fleet = 'web'): MitigationRecord => ({
  name: 're-login-page',
  target: { incidentId: 'inc-0123456789ab', fleet },
  run: 1,
  mode: 'auto',
  state,
  calls: [],
});
const incident = (mitigations: IncidentRecord['mitigations'], closedAtMs?: number): IncidentRecord => ({
  incidentId: 'inc-0123456789ab',
  fingerprint: 'store-failure',
  runbook: 'store-failure',
  stage: 'watching',
  openedAtMs: 0,
  ...(closedAtMs !== undefined && { closedAtMs }),
  alarms: {},
  signs: [],
  signCount: 0,
  runs: 1,
  mitigations,
});
const ALARM = 'holdfast-web-load-balancer-5xx';

describe("the alarm on the load balancer's own errors", () => {
  it.each([
    ['of one fleet', incident({ 're-login-page': page('done') })],
    ['of every fleet', incident({ 're-login-page@shop': page('observed', 'shop'), 're-login-page@web': page('acting') })],
    ['whose rule could not be removed', incident({ 're-login-page': page('leftBehind') })],
  ])('joins the incident that shows the page: %s', (_, open) => {
    expect(incidentOfPage('holdfast', ALARM, [incident({}), open])).toBe(open);
  });

  it.each([
    ['no page was shown', incident({ 're-login-page': page('observed') })],
    ['the page was removed', incident({ 're-login-page': page('undone') })],
    ['the page is that of another fleet', incident({ 're-login-page@shop': page('done', 'shop') })],
    ['the incident is closed', incident({ 're-login-page': page('done') }, 1)],
  ])('joins none when %s', (_, open) => {
    expect(incidentOfPage('holdfast', ALARM, [open])).toBeUndefined();
  });

  it('is the only alarm that joins by the page', () => {
    expect(incidentOfPage('holdfast', 'holdfast-web-target-5xx', [incident({ 're-login-page': page('done') })])).toBeUndefined();
  });
});
