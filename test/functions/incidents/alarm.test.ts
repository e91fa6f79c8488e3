import { describe, expect, it } from 'vitest';
import { createAlarm } from '../../../functions/incidents/alarm/alarm.ts';
import type { IncidentRecords } from '../../../functions/incidents/records/incident-records.ts';
import { memoryIncidentRecords } from './memory-incident-records.ts';
import { simulatedIncidentRecords } from './simulated-incident-records.ts';

const NOW = Date.parse('2026-11-22T00:00:00Z');
const MINUTE = 60_000;

function world<Records extends IncidentRecords = ReturnType<typeof memoryIncidentRecords>>(given?: Records) {
  const records = (given ?? memoryIncidentRecords()) as Records;
  let nowMs = NOW;
  const started = new Set<string>();
  /** Executions that have ended: one that runs is found by its name. */
  const over = new Set<string>();
  const warned: unknown[] = [];
  const handle = createAlarm({
    records,
    executions: {
      async startOnce(_, name) {
        if (over.has(name)) return false;
        started.add(name);
        return true;
      },
    },
    log: { info: () => {}, warn: (_, fields) => void warned.push(fields) },
    now: () => nowMs,
    installation: 'holdfast',
    fleets: ['web', 'web-eu'],
    coolDownMs: 30 * MINUTE,
    stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:holdfast-runbook',
  });
  const setNow = (ms: number) => {
    nowMs = ms;
  };
  return { records, started, over, warned, handle, setNow };
}

const event = (alarmName: string, value: string, atMs: number) => ({
  source: 'aws.cloudwatch',
  'detail-type': 'CloudWatch Alarm State Change',
  time: new Date(atMs).toISOString(),
  detail: { alarmName, state: { value, reason: 'a reason', timestamp: new Date(atMs).toISOString().replace('Z', '+0000') } },
});
const STORE = 'holdfast-store-failover';

describe('an alarm', () => {
  it('and others of its kind, 1,000 events at once, open one incident in the records table and start one run', async () => {
    const { handle, records, started } = world(simulatedIncidentRecords());
    const alarms = ['failover', 'store-unreachable', 'collector-silent', 'replication-lag'];
    const events = Array.from({ length: 1_000 }, (_, at) => event(`holdfast-store-${alarms[at % 4]}`, 'ALARM', NOW - 1_000 - (at % 4)));
    const replies = await Promise.all(events.map(handle));
    expect(await records.latestIncidents(10)).toMatchObject([{ runbook: 'store-failure', signCount: 4 }]);
    expect(started.size).toBe(1);
    expect(replies.filter(({ outcome }) => outcome === 'known')).toHaveLength(996);
  });

  it('opens one incident and starts one run, however often and together it comes', async () => {
    const { handle, records, started } = world();
    await Promise.all(Array.from({ length: 1_000 }, () => handle(event(STORE, 'ALARM', NOW - 1_000))));
    expect(records.incidents.size).toBe(1);
    expect(started.size).toBe(1);
    expect([...records.incidents.values()][0]).toMatchObject({ runbook: 'store-failure', signCount: 1 });
  });

  it.each([
    ['text', 'ALARM'],
    ['no detail', { source: 'aws.cloudwatch' }],
    ['a state that is none', event(STORE, 'BROKEN', NOW)],
    ['a time that is none', { ...event(STORE, 'ALARM', NOW), time: 'now', detail: { alarmName: STORE, state: { value: 'ALARM' } } }],
  ])('that is malformed (%s) is named, and starts nothing', async (_, value) => {
    const { handle, records, warned } = world();
    expect(await handle(value)).toMatchObject({ outcome: 'malformed', why: expect.any(String) });
    expect([records.incidents.size, warned.length]).toEqual([0, 1]);
  });

  it.each(['holdfast-web-deploy-failed', 'other-store-failover', 'holdfast-nobody-target-5xx'])(
    'that concerns no runbook (%s) starts nothing',
    async (name) => {
      const { handle, records } = world();
      expect(await handle(event(name, 'ALARM', NOW))).toMatchObject({ outcome: 'ignored' });
      expect(records.incidents.size).toBe(0);
    },
  );

  it('whose OK came first is quiet from then on', async () => {
    const { handle, records } = world();
    await handle(event(STORE, 'OK', NOW - 1_000));
    expect(records.incidents.size).toBe(0);
    await handle(event(STORE, 'ALARM', NOW - 5_000));
    expect([...records.incidents.values()][0]).toMatchObject({ alarms: { [STORE]: { state: 'OK' } }, quietSinceMs: NOW - 1_000 });
  });

  it('of the same incident joins it, and starts no second run within the cool-down', async () => {
    const { handle, records, started, setNow } = world();
    await handle(event(STORE, 'ALARM', NOW));
    const [incident] = records.incidents.values();
    await records.beginRun(incident?.incidentId as string, 1, 'arn:1', NOW);
    await records.change(incident?.incidentId as string, {}, { remove: ['running'] });
    setNow(NOW + 5 * MINUTE);
    expect(await handle(event('holdfast-store-collector-silent', 'ALARM', NOW + 5 * MINUTE))).toMatchObject({ outcome: 'joined' });
    setNow(NOW + 31 * MINUTE);
    expect(await handle(event('holdfast-store-replication-lag', 'ALARM', NOW + 31 * MINUTE))).toMatchObject({ outcome: 'started' });
    expect([records.incidents.size, started.size]).toEqual([1, 2]);
  });

  it('that goes on and off is flapping, and starts no further run', async () => {
    const { handle, records, started, setNow } = world();
    for (let at = 0; at < 8; at += 1) {
      setNow(NOW + at * MINUTE);
      await handle(event(STORE, at % 2 === 0 ? 'ALARM' : 'OK', NOW + at * MINUTE));
    }
    expect([...records.incidents.values()]).toMatchObject([{ flapping: true, signCount: 8 }]);
    expect(started.size).toBe(1);
  });

  it('of a fleet joins the incidents of the fleet and of the store, and opens none by itself', async () => {
    const { handle, records, started } = world();
    expect(await handle(event('holdfast-web-eu-load-balancer-5xx', 'ALARM', NOW - 1))).toMatchObject({ outcome: 'ignored' });
    await handle(event(STORE, 'ALARM', NOW));
    await handle(event('holdfast-web-eu-load-balancer-5xx', 'ALARM', NOW));
    expect([...records.incidents.values()]).toMatchObject([{ signCount: 2 }]);
    expect(started.size).toBe(1);
  });

  it('starts its run again under another name when the first execution ended before it had begun', async () => {
    const { handle, started, over, setNow } = world();
    await handle(event(STORE, 'ALARM', NOW));
    for (const name of started) over.add(name);
    setNow(NOW + MINUTE);
    expect(await handle(event('holdfast-store-collector-silent', 'ALARM', NOW + MINUTE))).toMatchObject({ outcome: 'started' });
    expect([...started]).toEqual([expect.stringMatching(/-1$/), expect.stringMatching(/-1-2$/)]);
  });

  it('that is replayed after its incident was closed opens nothing; a new one opens it again within the cool-down', async () => {
    const { handle, records, setNow } = world();
    await handle(event(STORE, 'ALARM', NOW));
    const [pointer] = await records.pointers();
    if (!pointer) throw new Error('there is no pointer');
    await records.putPointer({ ...pointer, closedAtMs: NOW + MINUTE }, pointer);
    expect(await handle(event(STORE, 'ALARM', NOW))).toMatchObject({ outcome: 'ignored' });
    setNow(NOW + 5 * MINUTE);
    await handle(event(STORE, 'ALARM', NOW + 5 * MINUTE));
    expect(records.incidents.size).toBe(1);
    expect((await records.pointers())[0]?.closedAtMs).toBeUndefined();
  });
});
