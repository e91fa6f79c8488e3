/** Targets that are addresses: one that was deregistered can be registered again only after its deregistration delay. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Roll } from '../../../../functions/deploy/contract/roll.ts';
import { createTraffic, type DelayFacts, judgeDelay } from '../../../../functions/deploy/traffic/traffic.ts';
import type { Records } from '../../../../functions/records/records.ts';
import type { Lease } from '../../../../functions/records/types.ts';
import { beginDeploy, createClock, DEPLOY, ROLL, recordingLog, START_MS } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';
import { fakeTargetGroup } from '../../fakes/target-group.ts';

const ERROR = { Error: 'DrainTimedOut', Cause: 'a request never ends' };

let records: Records;
let lease: Lease;
let clock: ReturnType<typeof createClock>;
let targetGroup: ReturnType<typeof fakeTargetGroup>;
let traffic: ReturnType<typeof createTraffic>;
/** What happens while the function polls. */
let onPause: () => void;

const ask = (step: 'deregister' | 'register' | 'checkHealthy', roll: Roll = ROLL) => traffic({ step, deploy: DEPLOY, lease, roll });
const putBack = (roll: Roll = ROLL) => traffic({ step: 'putBack', deploy: DEPLOY, lease, roll, error: ERROR });
const target = async () => (await records.getDeploy('web', 'd1'))?.targets['i-1'];
const later = (seconds: number) => {
  clock.nowMs += seconds * 1_000;
};

beforeEach(async () => {
  records = memoryRecords();
  lease = await beginDeploy(records);
  clock = createClock(START_MS);
  onPause = () => {};
  targetGroup = fakeTargetGroup({ 'i-1': 'healthy', 'i-2': 'healthy', 'i-3': 'healthy' }, {}, true);
  const pause = async (ms: number) => {
    clock.nowMs += ms;
    onPause();
  };
  traffic = createTraffic({ records, targetGroup, log: recordingLog(), now: clock.now, polling: { pausesMs: [5_000, 5_000], pause } });
});

describe('an address that drains', () => {
  it('is registered once its delay has passed, and waits for its health from then on', async () => {
    await ask('deregister');
    later(60);
    const waiting = await ask('register');
    expect(waiting).toMatchObject({ verdict: 'WAIT', roll: { awaitsDelay: true, phaseStartedAtMs: START_MS + 60_000 } });
    expect(await target()).toMatchObject({
      phase: 'registering',
      detail: expect.stringMatching(/^waits to be registered again, some 3 m 50 s more/),
    });
    const again = await ask('checkHealthy', waiting.roll);
    expect(again.roll).toMatchObject({ awaitsDelay: true, phaseStartedAtMs: START_MS + 60_000 });
    expect(targetGroup.calls).toEqual(['deregister i-1']);

    later(210);
    onPause = () => {
      delete targetGroup.states['i-1'];
    };
    const registered = await ask('checkHealthy', again.roll);
    expect(targetGroup.calls).toEqual(['deregister i-1', 'register i-1']);
    expect(registered).toMatchObject({ verdict: 'WAIT', roll: { phaseStartedAtMs: clock.nowMs } });
    expect(registered.roll.awaitsDelay).toBeUndefined();
    expect(await target()).toMatchObject({ phase: 'registering', detail: '' });
    targetGroup.states['i-1'] = 'healthy';
    expect((await ask('checkHealthy', registered.roll)).verdict).toBe('DONE');
  });

  it('renews the lease while it is waited for', async () => {
    await ask('deregister');
    const { roll } = await ask('register');
    const before = (await records.getLock('web'))?.expiresAtMs as number;
    later(100);
    await ask('checkHealthy', roll);
    expect((await records.getLock('web'))?.expiresAtMs).toBeGreaterThanOrEqual(before + 100_000);
  });

  it('fails the roll when it drains for longer than the settings and a minute, and is put back later', async () => {
    await ask('deregister');
    const { roll } = await ask('register');
    later(360);
    await expect(ask('checkHealthy', roll)).rejects.toMatchObject({
      name: 'TargetNotRegistered',
      message: expect.stringMatching(/^i-1 is not registered: i-1 still drains; that was waited for 360 s\. .* should be 300/),
    });
  });

  it('is put back once it can be, the failure being on record at once', async () => {
    const { roll } = await ask('deregister');
    later(290);
    expect(await putBack(roll)).toMatchObject({ verdict: 'WAIT' });
    const record = await records.getDeploy('web', 'd1');
    expect(record?.firstFailure).toMatchObject(ERROR);
    expect(record?.targets['i-1']).toMatchObject({
      phase: 'draining',
      detail: expect.stringMatching(/^a request never ends — waits to be registered/),
    });
    delete targetGroup.states['i-1'];
    expect(await putBack(roll)).toMatchObject({ verdict: 'DONE' });
    expect(targetGroup.calls).toEqual(['deregister i-1', 'register i-1']);
    const end = await target();
    expect(end).toMatchObject({ phase: 'failed', takenOut: false, detail: expect.stringContaining('registered again') });
    expect(end?.notRunning).toBeUndefined();
  });

  it('is out of service, and not taken for a server that does not run, when it cannot be put back in time', async () => {
    const { roll } = await ask('deregister');
    later(360);
    expect(await putBack(roll)).toMatchObject({ verdict: 'DONE' });
    const end = await target();
    expect(end).toMatchObject({ phase: 'failed', takenOut: true, detail: expect.stringContaining('out of service: i-1 still drains') });
    expect(end?.notRunning).toBeUndefined();
  });
});

describe('judgeDelay', () => {
  const settings = { deregistrationDelaySeconds: 300, registerTimeoutSeconds: 360 };
  const short = { deregistrationDelaySeconds: 60, registerTimeoutSeconds: 30 };
  const facts = (seconds: number, more: Partial<DelayFacts> = {}): DelayFacts => ({
    why: 'it drains',
    sinceMs: 0,
    nowMs: seconds * 1_000,
    ...more,
  });
  const drained = (startedAtMs: number) => ({
    phases: [
      { phase: 'draining' as const, startedAtMs },
      { phase: 'registering' as const, startedAtMs: 0 },
    ],
  });
  it.each<[string, DelayFacts, typeof settings, string, RegExp]>([
    [
      'at first',
      facts(0),
      settings,
      'WAIT',
      /^waits to be registered again, some 5 m 00 s more \(deregistrationDelaySeconds 300\): it drains$/,
    ],
    ['counted from the drain', facts(10, drained(-100_000)), settings, 'WAIT', /some 3 m 10 s more/],
    ['when the delay should have passed', facts(301), settings, 'WAIT', /any moment now/],
    ['at the end', facts(359.9), settings, 'WAIT', /any moment now/],
    [
      'when the time is up',
      facts(360),
      settings,
      'OVER',
      /^it drains; that was waited for 360 s\. deregistration_delay\.timeout_seconds of the target group should be 300/,
    ],
    ['with a short time for the health', facts(119), short, 'WAIT', /any moment now/],
    ['with a short time for the health, at its end', facts(120), short, 'OVER', /waited for 120 s/],
  ])('%s', (_, given, limits, verdict, text) => {
    const decided = judgeDelay(given, limits);
    expect(decided.verdict).toBe(verdict);
    expect(decided.text).toMatch(text);
  });
});
