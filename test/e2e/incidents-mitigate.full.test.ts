/** The deployed runbook carries a mitigation out once, and puts back what has no effect. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { until } from '../until.ts';
import { withFault } from './faults.ts';
import { onStep, withoutAlarms } from './incident-runs.ts';
import { ended, lostStickiness, mitigationOf, NAME, reportOf, shown } from './lost-stickiness.ts';

const { incidents, stickiness, traffic, setAlarm, start, during } = lostStickiness('auto');

it('an alarm starts the runbook, which finds that stickiness is off and restores it; users stay logged in from then on', {
  timeout: 300_000,
}, async () => {
  traffic().mark('during');
  const incident = await during(async (sinceMs) => {
    await setAlarm();
    return incidents.untilIt(ended, sinceMs, 'the report');
  });
  // What a user's last server had in memory is lost with the way back to it: once for each.
  await sleep(5_000);
  traffic().mark('after');
  await sleep(5_000);
  const report = await traffic().snapshot();
  const seen = JSON.stringify([incident.finding, incident.mitigations, incident.troubles]);
  // An alarm's run leaves CloudTrail to the re-check: whether somebody did it on purpose is open, and a person has said yes.
  expect(incident.finding, seen).toMatchObject({ verdict: 'cause', cause: 'stickiness-off', confidence: 'likely' });
  expect(mitigationOf(incident), seen).toMatchObject({
    ...{ state: 'done', mode: 'observe', run: 1, target: { fleet: 'web', incidentId: incident.incidentId } },
    calls: [
      {
        service: 'elbv2',
        operation: 'ModifyTargetGroupAttributes',
        input: { Attributes: expect.arrayContaining([{ Key: 'stickiness.enabled', Value: 'true' }]) },
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

it('what it sends is sent once, though every step of the runbook dies once and the answer to its call is lost', {
  timeout: 400_000,
}, async () => {
  await withoutAlarms();
  const incident = await during(async (sinceMs) => {
    const sent = { on: 'call', match: { service: 'elasticloadbalancing', action: 'ModifyTargetGroupAttributes' } } as const;
    const steps = ['open', 'collect', 'classify', 'decide', 'plan', 'verify', 'report', 'lookAfter'];
    const rules = [
      ...steps.map((step) => onStep(step, { kind: 'die' }, { first: 1 })),
      onStep('act', { kind: 'throw', error: 'Lambda.Unknown', afterWork: true }, { first: 1 }),
      { ...sent, when: { nth: 1 }, effect: { kind: 'loseAnswer' } } as const,
    ];
    return withFault(rules, async (reports) => {
      expect(await incidents.untilEnded(await start(sinceMs))).toBe('SUCCEEDED');
      const done = await incidents.untilIt(ended, sinceMs, 'the report');
      const calls = (await reports()).find(({ rule }) => rule.on === 'call');
      // The client sent it again; the step that came twice did not.
      expect(calls?.matched).toBe(2);
      return done;
    });
  });
  expect(mitigationOf(incident), JSON.stringify(incident)).toMatchObject({ state: 'done' });
  expect(incident.troubles).toBeUndefined();
  expect(await incidents.budget()).toHaveLength(1);
  expect(await stickiness.isOn()).toBe(true);
});

it('what has no effect is undone, and the report says so', { timeout: 800_000 }, async () => {
  await withoutAlarms();
  const incident = await during((sinceMs) => {
    // Done, and answered later: another automation has it off again before it is checked.
    const slow = {
      on: 'call',
      match: { service: 'elasticloadbalancing', action: 'ModifyTargetGroupAttributes', caller: '*incidents-mitigate*' },
      when: { nth: 1 },
      effect: { kind: 'delay', ms: 8_000 },
    } as const;
    return withFault(slow, async () => {
      const execution = await start(sinceMs);
      await until(() => stickiness.isOn(), 'it is switched on', 120_000);
      await stickiness.set(false);
      // It looks for two minutes.
      expect(await incidents.untilEnded(execution, 300_000)).toBe('SUCCEEDED');
      return incidents.untilIt(ended, sinceMs, 'the report');
    });
  });
  expect(mitigationOf(incident)).toMatchObject({
    state: 'undone',
    detail: expect.stringContaining('does not show stickiness.enabled=true'),
  });
  expect(await stickiness.isOn()).toBe(false);
  // What tends incidents writes it again: the run, or the schedule of every five minutes.
  await until(async () => (await reportOf(incident)).includes('was undone'), 'the report of it', 330_000);
});

it('a run that dies before it has begun is started again by what tends incidents', { timeout: 400_000 }, async () => {
  const incident = await during(async (sinceMs) => {
    const opened = await withFault(onStep('open', { kind: 'throw', error: 'TestDied' }), async (reports) => {
      await setAlarm();
      // The last of its attempts, after 1 + 2 + 4 s.
      await until(async () => ((await reports())[0]?.applied ?? 0) >= 4, 'the end of the first run');
      return incidents.untilIt(() => true, sinceMs, 'the incident');
    });
    expect(opened).toMatchObject({ runs: 0, mitigations: {} });
    const isStarted = async () => {
      await incidents.tend();
      return ((await incidents.records.getIncident(opened.incidentId))?.runs ?? 0) > 0 || sleep(5_000, false);
    };
    await until(isStarted, 'another start', 120_000);
    return incidents.untilIt(ended, sinceMs, 'the report');
  });
  expect(mitigationOf(incident), JSON.stringify(incident)).toMatchObject({ state: 'done' });
  expect(await incidents.budget()).toHaveLength(1);
});
