/** Whether a deploy that waits for sessions fits the limits of its executions. */
import { expect, it } from 'vitest';
import { worstRollSeconds } from '../../../../functions/deploy/dry-run/forecast.ts';
import { judgeTimes, LONGEST_DEPLOY_SECONDS } from '../../../../functions/deploy/sessions/judge-routes.ts';
import { fillSettings } from '../../../../functions/deploy/settings/read-settings.ts';

const SETTINGS = fillSettings({}, '');
const fleetOf = (count: number, more: { readonly counts: boolean; readonly timeoutSeconds?: number }) =>
  Array.from({ length: count }, (_, index) => ({ instanceId: `i-${index + 1}`, ...more }));
const WAITED_FOR = { counts: true, timeoutSeconds: 1_800 };
const worst = (waitsForSessions: boolean) =>
  worstRollSeconds(
    { version: '1.0.0', waitsForSessions, timeoutSeconds: waitsForSessions ? WAITED_FOR.timeoutSeconds : undefined },
    SETTINGS,
  );

it('adds up what the dry run takes each server to last at worst, the wait for the store included', () => {
  const servers = [...fleetOf(4, WAITED_FOR), ...fleetOf(3, { counts: false })];
  expect(judgeTimes(servers, SETTINGS).wholeSeconds).toBe(4 * worst(true) + 3 * worst(false));
});

it('refuses one server more than fits into the two days of a deploy, and no fewer', () => {
  const most = Math.floor(LONGEST_DEPLOY_SECONDS / worst(true));
  expect(judgeTimes(fleetOf(most, WAITED_FOR), SETTINGS).problems).toEqual([]);
  expect(judgeTimes(fleetOf(most + 1, WAITED_FOR), SETTINGS).problems).toEqual([
    expect.stringMatching(
      new RegExp(`^${most + 1} servers can take 47 h \\d\\d m one after the other, and a deploy takes at most 47 h 13 m: set a shorter`),
    ),
  ]);
});

it('refuses forty servers with the default settings', () => {
  expect(judgeTimes(fleetOf(40, WAITED_FOR), SETTINGS).problems).toEqual([expect.stringMatching(/^40 servers can take/)]);
});

it('refuses no fleet whose sessions are not waited for: several servers can be rolled at once there', () => {
  expect(judgeTimes(fleetOf(200, { counts: false }), SETTINGS).problems).toEqual([]);
});
