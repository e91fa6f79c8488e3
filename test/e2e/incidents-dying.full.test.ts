/** A step of the deployed runbook dies for good: what it had under way is undone or named, and its report is sent later. */
import { beforeEach, expect, it } from 'vitest';
import type { IncidentRecord } from '../../functions/incidents/contract/incident.ts';
import { withFault } from './faults.ts';
import { onStep, withoutAlarms } from './incident-runs.ts';
import { atRest, lostStickiness, mitigationOf, NAME, reportOf, shown } from './lost-stickiness.ts';

const { incidents, stickiness, start, during } = lostStickiness('auto');
beforeEach(async () => void (await withoutAlarms()));

/** 1 + 2 + 4 s of attempts, and then it counts. */
const dies = (step: string) => onStep(step, { kind: 'throw', error: 'TestDied' });

const through = (steps: readonly string[], end = 'SUCCEEDED') =>
  during((sinceMs) =>
    withFault(steps.map(dies), async () => {
      expect(await incidents.untilEnded(await start(sinceMs))).toBe(end);
      // A person asks after the report, and what that begins meets the same faults.
      return incidents.untilIt((incident) => end !== 'SUCCEEDED' || atRest(incident), sinceMs, 'the end of it');
    }),
  );

it('names every source that could not be collected', { timeout: 300_000 }, async () => {
  const incident = await through(['collect']);
  expect(incident.finding).toMatchObject({ verdict: 'unknown' });
  const { page } = await shown(incident);
  expect(page.gaps).toContainEqual(expect.stringContaining('TestDied'));
  expect(incident.mitigations).toEqual({});
});

it.each([
  // Its function never began: the record has the stage before it.
  ['classify', 'the stage collecting ended with TestDied'],
  ['decide', 'the stage deciding ended with TestDied'],
  ['plan', `${NAME} ended with TestDied`],
  ['act', `${NAME} ended with TestDied`],
])('in %s sends nothing, and reports where it died', { timeout: 300_000 }, async (step, trouble) => {
  const incident = await through([step]);
  expect(incident.troubles, JSON.stringify(incident.mitigations)).toEqual([expect.stringContaining(trouble)]);
  expect(['absent', 'refused']).toContain(mitigationOf(incident)?.state ?? 'absent');
  expect(await stickiness.isOn()).toBe(false);
  expect(await reportOf(incident)).toContain('TestDied');
});

it('in verify undoes what it could not check', { timeout: 300_000 }, async () => {
  const incident = await through(['verify']);
  expect(mitigationOf(incident)).toMatchObject({ state: 'undone', detail: expect.stringContaining('TestDied') });
  expect(incident.troubles).toEqual([expect.stringContaining('TestDied')]);
  expect(await stickiness.isOn()).toBe(false);
});

it('in verify and undo leaves it named, and what tends incidents undoes it', { timeout: 300_000 }, async () => {
  const incident = await through(['verify', 'undo']);
  expect(incident.troubles).toEqual([expect.stringContaining(`${NAME} ended with TestDied`)]);
  expect(await stickiness.isOn()).toBe(true);
  await incidents.tend();
  expect(mitigationOf((await incidents.records.getIncident(incident.incidentId)) as IncidentRecord)).toMatchObject({ state: 'undone' });
  expect(await stickiness.isOn()).toBe(false);
});

it('in its report is named by what tends incidents, which sends the report', { timeout: 300_000 }, async () => {
  const { incidentId } = await through(['report'], 'FAILED');
  await incidents.tend();
  const tended = (await incidents.records.getIncident(incidentId)) as IncidentRecord;
  expect(tended.troubles).toEqual([expect.stringContaining('ended as FAILED')]);
  expect(tended.unsent).toBeUndefined();
});

it('keeps a report that neither S3 nor SNS took, and sends it later', { timeout: 300_000 }, async () => {
  const down = (service: string, action: string) =>
    ({
      on: 'call',
      match: { service, action, caller: '*incidents-control*', ...(service === 's3' && { resource: '*/report.*' }) },
      when: {},
      effect: { kind: 'error', code: 'ServiceUnavailable', status: 503, message: 'a fault of this test' },
    }) as const;
  const incident = await during((sinceMs) =>
    withFault([down('s3', 'PutObject'), down('sns', 'Publish')], async () => {
      expect(await incidents.untilEnded(await start(sinceMs))).toBe('SUCCEEDED');
      return incidents.untilIt(({ running }) => !running, sinceMs, 'the end of the run');
    }),
  );
  expect(incident.unsent?.reason).toMatch(/the report was not stored.*the message was not sent/);
  expect(incident.report).toBeUndefined();
  await incidents.tend();
  const sent = (await incidents.records.getIncident(incident.incidentId)) as IncidentRecord;
  expect(sent.unsent).toBeUndefined();
  expect(await reportOf(sent)).toContain(incident.incidentId);
});
