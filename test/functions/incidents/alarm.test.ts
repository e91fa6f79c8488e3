import { describe, expect, it } from 'vitest';
import { createAlarm } from '../../../functions/incidents/alarm/alarm.ts';
import { type IncidentRecord, isFlapping } from '../../../functions/incidents/contract/incident.ts';
import { simulatedIncidentRecords } from './simulated-incident-records.ts';

const NOW = Date.parse('2026-11-22T00:00:00Z');
const MINUTE = 60_000;

/** The handler's core with the functions' own adapter of the records table. */
function world() {
  const records = simulatedIncidentRecords();
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
  return { records, all: () => records.latestIncidents(10), started, over, warned, handle, setNow };
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
    const { handle, records, started } = world();
    const alarms = ['failover', 'store-unreachable', 'collector-silent', 'replication-lag'];
    const events = Array.from({ length: 1_000 }, (_, at) => event(`holdfast-store-${alarms[at % 4]}`, 'ALARM', NOW - 1_000 - (at % 4)));
    const replies = await Promise.all(events.map(handle));
    expect(await records.latestIncidents(10)).toMatchObject([{ runbook: 'store-failure', signCount: 4 }]);
    expect(started.size).toBe(1);
    expect(replies.filter(({ outcome }) => outcome === 'known')).toHaveLength(996);
  });

  it('and its OK, replayed, out of order and among malformed and unknown ones, 1,000 at once, are one incident that ends quiet', async () => {
    const { handle, all, started, warned } = world();
    const OTHER = 'holdfast-store-store-unreachable';
    const kinds = [
      event(STORE, 'OK', NOW - 1_000),
      event(STORE, 'ALARM', NOW - 9_000),
      event(OTHER, 'ALARM', NOW - 8_000),
      event(OTHER, 'OK', NOW - 2_000),
      event('holdfast-web-deploy-failed', 'ALARM', NOW - 3_000),
      event('somebody-else', 'ALARM', NOW - 3_000),
      { ...event(STORE, 'ALARM', NOW), detail: { alarmName: STORE } },
      null,
    ];
    const replies = await Promise.all(Array.from({ length: 1_000 }, (_, at) => handle(kinds[(at * 3) % kinds.length])));
    const [incident, ...others] = await all();
    expect(others).toEqual([]);
    expect(incident?.alarms).toMatchObject({ [STORE]: { state: 'OK', atMs: NOW - 1_000 }, [OTHER]: { state: 'OK', atMs: NOW - 2_000 } });
    expect(incident?.quietSinceMs).toBeGreaterThanOrEqual(NOW - 2_000);
    expect([started.size, warned.length]).toEqual([1, 250]);
    expect(replies.filter(({ outcome }) => outcome === 'malformed')).toHaveLength(250);
    expect(replies.filter(({ why }) => why === 'no runbook is about this alarm')).toHaveLength(250);
  });

  it.each([
    ['text', 'ALARM'],
    ['no detail', { source: 'aws.cloudwatch' }],
    ['a state that is none', event(STORE, 'BROKEN', NOW)],
    ['a time that is none', { ...event(STORE, 'ALARM', NOW), time: 'now', detail: { alarmName: STORE, state: { value: 'ALARM' } } }],
  ])('that is malformed (%s) is named, and starts nothing', async (_, value) => {
    const { handle, all, warned } = world();
    expect(await handle(value)).toMatchObject({ outcome: 'malformed', why: expect.any(String) });
    expect([await all(), warned.length]).toEqual([[], 1]);
  });

  it.each(['holdfast-web-deploy-failed', 'other-store-failover', 'holdfast-nobody-target-5xx'])(
    'that concerns no runbook (%s) starts nothing',
    async (name) => {
      const { handle, all } = world();
      expect(await handle(event(name, 'ALARM', NOW))).toMatchObject({ outcome: 'ignored' });
      expect(await all()).toEqual([]);
    },
  );

  it('whose OK came first is quiet from then on', async () => {
    const { handle, all } = world();
    await handle(event(STORE, 'OK', NOW - 1_000));
    expect(await all()).toEqual([]);
    await handle(event(STORE, 'ALARM', NOW - 5_000));
    expect(await all()).toMatchObject([{ alarms: { [STORE]: { state: 'OK' } }, quietSinceMs: NOW - 1_000 }]);
  });

  it('of the same incident joins it, and starts one look within the cool-down instead of a second run', async () => {
    const { handle, records, all, started, setNow } = world();
    await handle(event(STORE, 'ALARM', NOW));
    const [incident] = await all();
    const id = incident?.incidentId as string;
    await records.beginRun(id, 1, 'arn:1', NOW);
    setNow(NOW + MINUTE);
    await handle(event('holdfast-store-replication-lag', 'ALARM', NOW + MINUTE));
    expect([...started], 'while the run works').toEqual([`${id}-1`]);
    await records.change(id, {}, { remove: ['running'] });
    setNow(NOW + 2 * MINUTE);
    const joining = ['collector-silent', 'store-unreachable'].map((name) => event(`holdfast-store-${name}`, 'ALARM', NOW + 2 * MINUTE));
    for (const each of [...joining, ...joining]) await handle(each);
    expect([...started]).toEqual([`${id}-1`, `${id}-look-1`]);
    setNow(NOW + 31 * MINUTE);
    await handle(event('holdfast-store-replication-lag', 'OK', NOW + 31 * MINUTE));
    setNow(NOW + 32 * MINUTE);
    expect(await handle(event('holdfast-store-replication-lag', 'ALARM', NOW + 32 * MINUTE))).toMatchObject({ outcome: 'started' });
    expect([(await all()).length, started.size]).toEqual([1, 3]);
  });

  it('that goes on and off starts one run per cool-down, however long it flaps, and flaps no more an hour later', async () => {
    const { handle, records, all, started, setNow } = world();
    const flaps: boolean[] = [];
    for (let at = 0; at < 180; at += 1) {
      const nowMs = NOW + at * MINUTE;
      setNow(nowMs);
      await handle(event(STORE, at % 2 === 0 ? 'ALARM' : 'OK', nowMs));
      const [{ incidentId, runs: before }] = (await all()) as [IncidentRecord];
      // Each run is over at once.
      const run = [...started].filter((name) => !name.includes('look')).length;
      if (run > before) await records.beginRun(incidentId, run, `arn:${run}`, nowMs);
      await records.change(incidentId, {}, { remove: ['running'] });
      flaps.push(isFlapping((await records.getIncident(incidentId)) as IncidentRecord, nowMs));
    }
    const [incident] = (await all()) as [IncidentRecord];
    expect([incident.signCount, flaps.indexOf(true), flaps.lastIndexOf(false)]).toEqual([180, 6, 5]);
    const runs = [...started].filter((name) => !name.includes('look'));
    expect([runs.length, started.size - runs.length <= 180 / 30 + 2]).toEqual([6, true]);
    expect([231, 232].map((minute) => isFlapping(incident, NOW + minute * MINUTE))).toEqual([true, false]);
  });

  it('of a fleet joins the incidents of the fleet and of the store, and opens none by itself', async () => {
    const { handle, all, started } = world();
    expect(await handle(event('holdfast-web-eu-unhealthy-hosts', 'ALARM', NOW - 1))).toMatchObject({ outcome: 'ignored' });
    await handle(event(STORE, 'ALARM', NOW));
    await handle(event('holdfast-web-eu-unhealthy-hosts', 'ALARM', NOW));
    expect(await all()).toMatchObject([{ signCount: 2 }]);
    expect(started.size).toBe(1);
  });

  it('that only joins keeps no incident open', async () => {
    const { handle, all } = world();
    await handle(event(STORE, 'ALARM', NOW - 3_000));
    await handle(event('holdfast-web-unhealthy-hosts', 'ALARM', NOW - 2_000));
    await handle(event(STORE, 'OK', NOW - 1_000));
    expect(await all()).toMatchObject([{ quietSinceMs: NOW - 1_000, alarms: { 'holdfast-web-unhealthy-hosts': { joins: true } } }]);
  });

  it('with a time in the future counts as of now', async () => {
    const { handle, all } = world();
    await handle(event(STORE, 'ALARM', NOW + 60 * MINUTE));
    expect(await all()).toMatchObject([{ openedAtMs: NOW, alarms: { [STORE]: { atMs: NOW } } }]);
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
    const { handle, records, all, setNow } = world();
    await handle(event(STORE, 'ALARM', NOW));
    const [pointer] = await records.pointers();
    if (!pointer) throw new Error('there is no pointer');
    await records.putPointer({ ...pointer, closedAtMs: NOW + MINUTE }, pointer);
    expect(await handle(event(STORE, 'ALARM', NOW))).toMatchObject({ outcome: 'ignored' });
    setNow(NOW + 5 * MINUTE);
    await handle(event(STORE, 'ALARM', NOW + 5 * MINUTE));
    expect(await all()).toHaveLength(1);
    expect((await records.pointers())[0]?.closedAtMs).toBeUndefined();
  });
});
