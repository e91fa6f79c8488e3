/** The deployed runbook carries a mitigation out by itself: an alarm fires, and users stay logged in from then on. */
import { setTimeout as sleep } from 'node:timers/promises';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { show } from '../../cli/commands/incidents.ts';
import type { IncidentRecord } from '../../functions/incidents/contract/incident.ts';
import type { IncidentPage } from '../../functions/incidents/report/incident-page.ts';
import { textOf } from '../../functions/incidents/report/text.ts';
import { fleetAlarmName } from '../../functions/shared/naming.ts';
import { injectFault } from '../../local/incident-faults/inject.ts';
import { startTraffic, type Traffic } from '../../local/traffic/client.ts';
import { cloud, kept } from './fleet.ts';
import { beginStickyFleet, type StickyFleet, SWITCHED_OFF } from './incident-fleet.ts';
import { incidentsOf, stickinessOf } from './incident-runs.ts';
import { recordingOutput } from './recording-output.ts';

const NAME = 'restore-stickiness';
const ALARM = fleetAlarmName('holdfast', 'web', 'refusals');
/** They come back every second. */
const USERS = 30;
const incidents = incidentsOf('holdfast');
const stickiness = stickinessOf('web');
let fleet: StickyFleet;
let traffic: Traffic;

beforeAll(async () => {
  fleet = await beginStickyFleet({ mitigations: { [NAME]: 'auto' }, approvalMinutes: 1 });
  await incidents.forget();
  traffic = startTraffic({ url: kept.loadBalancerUrl, caFile: kept.caFile, users: USERS, thinkTimeMs: 1_000 });
  await traffic.ready;
}, 400_000);
afterAll(async () => {
  await traffic?.stop().catch(() => {});
  await incidents.setAlarm(ALARM, 'OK');
  await incidents.forget();
  await fleet?.end();
  incidents.destroy();
}, 400_000);

async function shown({ incidentId }: IncidentRecord): Promise<{ readonly page: IncidentPage; readonly text: string }> {
  const recorded = recordingOutput();
  await show(incidentId, {}, recorded.output);
  const { page } = recorded.result as { page: IncidentPage };
  return { page, text: textOf(page) };
}

async function reportOf({ report }: IncidentRecord): Promise<string> {
  const { s3, releasesBucket } = await cloud();
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: releasesBucket, Key: report?.markdownKey }));
  return (await Body?.transformToString()) ?? '';
}

describe('auto', () => {
  it('an alarm starts the runbook, which finds that stickiness is off and restores it; users stay logged in from then on', {
    timeout: 300_000,
  }, async () => {
    traffic.mark('during');
    const sinceMs = Date.now();
    await injectFault(SWITCHED_OFF, fleet.ports);
    // Each user has come back several times: the answers of more than one server are in the access logs.
    await sleep(6_000);
    await incidents.setAlarm(ALARM, 'ALARM');
    const incident = await incidents.untilIt(({ report, running }) => report !== undefined && !running, sinceMs, 'the report');
    // What a user's last server had in memory is lost with the way back to it: once for each.
    await sleep(5_000);
    traffic.mark('after');
    await sleep(5_000);
    const report = await traffic.snapshot();
    const seen = JSON.stringify([incident.finding, incident.mitigations, incident.troubles]);
    expect(incident.finding, seen).toMatchObject({ verdict: 'cause', cause: 'stickiness-off', confidence: 'certain' });
    expect(incident.mitigations[NAME], seen).toMatchObject({
      ...{ state: 'done', mode: 'auto', run: 1, target: { fleet: 'web', incidentId: incident.incidentId } },
      calls: [
        {
          service: 'elbv2',
          operation: 'ModifyTargetGroupAttributes',
          input: { Attributes: [{ Key: 'stickiness.enabled', Value: 'true' }] },
        },
      ],
    });
    expect(await stickiness.isOn()).toBe(true);
    expect(report.phases.during.sessionsLost).toBeGreaterThan(0);
    expect(report.phases.after.sessionsLost, JSON.stringify(report.losses)).toBe(0);
    const { page, text } = await shown(incident);
    expect(page.done).toMatchObject([{ name: NAME, state: 'done', calls: [expect.stringContaining('ModifyTargetGroupAttributes')] }]);
    expect(text).toContain(`${NAME} was carried out`);
    expect(await reportOf(incident)).toContain(`${NAME} was carried out`);
    expect(await incidents.budget()).toEqual([`${incident.incidentId}/1/${NAME}`]);
  });
});
