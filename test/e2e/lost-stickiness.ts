/** Scenarios around one fault: stickiness is switched off in a fleet whose sessions are in its servers. */
import { setTimeout as sleep } from 'node:timers/promises';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { show } from '../../cli/incidents/incidents.ts';
import { incidentKey } from '../../functions/incidents/contract/environment.ts';
import type { IncidentRecord, MitigationRecord, MitigationState } from '../../functions/incidents/contract/incident.ts';
import type { Mode } from '../../functions/incidents/contract/mitigations.ts';
import type { IncidentPage } from '../../functions/incidents/report/incident-page.ts';
import { textOf } from '../../functions/incidents/report/text.ts';
import { fleetAlarmName } from '../../functions/shared/naming.ts';
import { recordingOutput } from '../../lab/demo/recording-output.ts';
import { startTraffic, type Traffic } from '../../lab/demo/traffic/client.ts';
import { cloud, kept } from './fleet.ts';
import { beginStickyFleet, type StickyFleet } from './incident-fleet.ts';
import { incidentsOf, stickinessOf, whoAsks, withoutAlarms } from './incident-runs.ts';

/** What brings stickiness back. */
export const NAME = 'restore-stickiness';
const ALARM = fleetAlarmName('holdfast', 'web', 'refusals');
/** They come back every second. */
const USERS = 30;

/** The kept fleet becomes such a fleet before the file's first test, and is as it was after the last one. */
export function lostStickiness(mode: Mode) {
  const incidents = incidentsOf('holdfast');
  const stickiness = stickinessOf('web');
  let fleet: StickyFleet;
  let traffic: Traffic;

  // CloudTrail cannot say yet whether somebody did it on purpose: in mode auto a person decides all the same, and asks for it here.
  const person = mode === 'auto' ? whoAsks(incidents.records, cloud) : undefined;

  beforeAll(async () => {
    fleet = await beginStickyFleet({ mitigations: { [NAME]: mode }, mitigationsPerHour: 20 });
    traffic = startTraffic({ url: kept.loadBalancerUrl, caFile: kept.caFile, users: USERS, thinkTimeMs: 1_000 });
    await traffic.ready;
  }, 700_000);
  beforeEach(async () => {
    await incidents.forget();
    await stickiness.set(true);
    // The sessions of this fleet are not in the store: the alarm about those that it is without would start a run of its own.
    await withoutAlarms('*:alarm:holdfast-store-*');
  });
  afterAll(async () => {
    person?.leaves();
    await traffic?.stop().catch(() => {});
    await stickiness.set(true);
    await incidents.setAlarm(ALARM, 'OK');
    await incidents.forget();
    await fleet?.end();
    incidents.destroy();
  }, 400_000);

  return {
    incidents,
    stickiness,
    traffic: (): Traffic => traffic,
    setAlarm: () => incidents.setAlarm(ALARM, 'ALARM'),
    /** Starts the runbook as a person does, about what has been since the fault. */
    start: (fromMs: number) => incidents.start({ runbook: 'logged-out', fleet: 'web', fromMs }),
    /** The work begins when stickiness is off, and users have lost their sessions. */
    async during<T>(work: (sinceMs: number) => Promise<T>): Promise<T> {
      const sinceMs = Date.now();
      await stickiness.set(false);
      // Each user has come back several times: the answers of more than one server are in the access logs.
      await sleep(6_000);
      return work(sinceMs);
    },
  };
}

/** The runbook waits for nobody: a person asks once its report is there, and what that begins ends by itself. */
const OPEN: readonly (MitigationState | undefined)[] = ['observed', 'planned', 'acting', 'verifying'];
export const atRest = ({ running, mitigations }: IncidentRecord): boolean => !running && !OPEN.includes(mitigations[NAME]?.state);
export const ended = (incident: IncidentRecord): boolean => incident.report !== undefined && atRest(incident);
export const mitigationOf = (incident: IncidentRecord): MitigationRecord | undefined => incident.mitigations[NAME];

/** What `incidents show` has about it. */
export async function shown({ incidentId }: IncidentRecord): Promise<{ readonly page: IncidentPage; readonly text: string }> {
  const recorded = recordingOutput();
  await show(incidentId, {}, recorded.output);
  const { page } = recorded.result as { page: IncidentPage };
  return { page, text: textOf(page) };
}

/** The report in S3. The record names it only together with the evidence, which a run that dies early has none of. */
export async function reportOf({ incidentId, runs }: IncidentRecord): Promise<string> {
  const { s3, releasesBucket } = await cloud();
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: releasesBucket, Key: incidentKey(incidentId, runs, 'report.md') }));
  return (await Body?.transformToString()) ?? '';
}
