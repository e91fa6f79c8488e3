import { beforeEach, describe, expect, it } from 'vitest';
import type { ReleaseReply, Roll, SessionsReply } from '../../../../functions/deploy/contract/roll.ts';
import { NOT_RELEASED } from '../../../../functions/deploy/sessions/decide-release.ts';
import { pinPattern } from '../../../../functions/deploy/sessions/pin-pattern.ts';
import { createSessions } from '../../../../functions/deploy/sessions/sessions.ts';
import type { Records } from '../../../../functions/records/records.ts';
import type { Lease } from '../../../../functions/records/types.ts';
import type { ListedRule } from '../../../../functions/shared/aws/listener-rule-list.ts';
import { beginDeploy, createClock, DEPLOY, ROLL, recordingLog, recordingMetrics, START_MS, stealLock } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';
import { fakeTargetGroup } from '../../fakes/target-group.ts';

const PATTERN = pinPattern('SID', 'i-1');
const WITH_SESSIONS: Roll = { ...ROLL, sessions: { cookie: 'SID', route: 'i-1', count: 4 } };

const FORWARDING = { hosts: [], paths: [], others: [], transforms: [], actions: ['forward'], targetGroupArns: ['main'] };

let records: Records;
let lease: Lease;
let clock: ReturnType<typeof createClock>;
let main: ReturnType<typeof fakeTargetGroup>;
let drain: ReturnType<typeof fakeTargetGroup>;
let metrics: ReturnType<typeof recordingMetrics>;
let pattern: string | undefined;
let onPause: () => void;
let rules: ListedRule[];
let changes: (string | undefined)[];
let refusal: Error | undefined;
let sessions: ReturnType<typeof createSessions>;

beforeEach(async () => {
  records = memoryRecords();
  lease = await beginDeploy(records);
  clock = createClock(START_MS + 5_000);
  main = fakeTargetGroup({ 'i-1': 'healthy', 'i-2': 'healthy', 'i-3': 'healthy' });
  drain = fakeTargetGroup();
  metrics = recordingMetrics();
  pattern = undefined;
  onPause = () => {};
  [rules, changes, refusal] = [[], [], undefined];
  sessions = createSessions({
    records,
    targetGroup: main,
    drainGroup: drain,
    rule: {
      read: async () => pattern,
      async pin(wanted, hold) {
        await hold?.();
        if (refusal) throw refusal;
        changes.push(wanted);
        pattern = wanted;
      },
      async release(hold) {
        await hold?.();
        changes.push(undefined);
        pattern = undefined;
      },
    },
    rules: async () => rules,
    arns: { ruleArn: 'l/drain', drainTargetGroupArn: 'group', targetGroupArn: 'main' },
    metrics,
    log: recordingLog(),
    now: clock.now,
    polling: { pausesMs: [], pause: async () => onPause() },
  });
});

const step = async (name: 'pin' | 'watch' | 'unpin', roll: Roll) =>
  (await sessions({ step: name, deploy: DEPLOY, lease, roll })) as SessionsReply;
const target = async () => (await records.getDeploy('web', 'd1'))?.targets['i-1'];
const seen = (roll: Roll, count: number): Roll => ({ ...roll, sessions: { ...roll.sessions, cookie: 'SID', route: 'i-1', count } });

async function pinned(): Promise<Roll> {
  let { roll } = await step('pin', WITH_SESSIONS);
  drain.states['i-1'] = 'healthy';
  ({ roll } = await step('pin', roll));
  clock.nowMs += 60_000;
  return (await step('pin', roll)).roll;
}

describe('sessions', () => {
  it('are pinned in order: the drain group, healthy, the rule, every node, out of the main group', async () => {
    const first = await step('pin', WITH_SESSIONS);
    expect([first.verdict, drain.calls, pattern, (await target())?.phase]).toEqual(['WAIT', ['register i-1'], undefined, 'pinning']);
    expect((await step('pin', first.roll)).verdict).toBe('WAIT');
    drain.states['i-1'] = 'healthy';
    const second = await step('pin', first.roll);
    expect([second.verdict, pattern, main.calls]).toEqual(['WAIT', PATTERN, []]);
    clock.nowMs += 59_000;
    expect((await step('pin', second.roll)).verdict).toBe('WAIT');
    expect(main.calls).toEqual([]);
    clock.nowMs += 1_000;
    const third = await step('pin', second.roll);
    expect([third.verdict, main.calls, (await target())?.phase]).toEqual(['DONE', ['deregister i-1'], 'sessionDrain']);
    expect((await step('pin', second.roll)).verdict, 'delivered again').toBe('DONE');
  });

  it('of a server that has none, or that serves nobody, are not waited for', async () => {
    expect((await step('pin', ROLL)).verdict).toBe('SKIP');
    main.states['i-1'] = 'unhealthy';
    expect((await step('pin', WITH_SESSIONS)).verdict).toBe('SKIP');
    expect([drain.calls, pattern]).toEqual([[], undefined]);
  });

  it('stay where too few others would serve new ones', async () => {
    main.states['i-2'] = 'unhealthy';
    await expect(pinned()).rejects.toMatchObject({ name: 'TooFewHealthyTargets' });
    expect(main.calls).toEqual([]);
  });

  it('are counted until they are gone, then released; the group is emptied once every node follows', async () => {
    const roll = await pinned();
    clock.nowMs += 70_000;
    expect((await step('watch', seen(roll, 4))).verdict).toBe('REPEAT');
    expect(await target()).toMatchObject({ sessionsLeft: 4, sessionDrainEndsAtMs: roll.phaseStartedAtMs + 1_920_000 });
    const ended = await step('watch', seen(roll, 0));
    expect(ended.verdict).toBe('DONE');
    expect((await target())?.sessionsCutOff).toBe(0);
    expect(metrics.written).toContain('SessionsCutOff 0');
    const released = await step('unpin', ended.roll);
    expect([released.verdict, pattern, drain.calls]).toEqual(['WAIT', undefined, ['register i-1']]);
    clock.nowMs += 60_000;
    const left = await step('unpin', released.roll);
    expect([left.verdict, drain.calls.at(-1), (await target())?.phase]).toEqual(['DONE', 'deregister i-1', 'draining']);
    expect(left.roll).not.toHaveProperty('sessions');
  });

  it('that are left when the time is up, or the wait was ended by hand, are on record', async () => {
    const roll = await pinned();
    await records.updateTarget('web', 'd1', 'i-1', { endDrain: { requestedBy: 'ann', atMs: START_MS } });
    expect((await step('watch', seen(roll, 3))).verdict, 'an earlier wait was ended').toBe('REPEAT');
    await records.updateTarget('web', 'd1', 'i-1', { endDrain: { requestedBy: 'ann', atMs: clock.nowMs } });
    expect((await step('watch', seen(roll, 3))).verdict).toBe('DONE');
    expect((await target())?.sessionsCutOff).toBe(3);
    expect(metrics.written).toContain('SessionsCutOff 3');
  });

  it('whose wait is ended by hand while the server is being pinned are on record, and the server goes on without them', async () => {
    let { roll } = await step('pin', WITH_SESSIONS);
    drain.states['i-1'] = 'initial';
    clock.nowMs += 1_000;
    await records.updateTarget('web', 'd1', 'i-1', { endDrain: { requestedBy: 'ann', atMs: clock.nowMs } });
    clock.nowMs += 3_600_000;
    for (const delivery of ['first', 'second']) {
      const ended = await step('pin', roll);
      expect([delivery, ended.verdict, (await target())?.sessionsCutOff]).toEqual([delivery, 'SKIP', 4]);
      if (delivery === 'second') ({ roll } = ended);
    }
    expect(metrics.written).toContain('SessionsCutOff 4');
    expect((await step('unpin', roll)).verdict, 'not every node follows yet').toBe('WAIT');
    expect([pattern, changes, main.calls]).toEqual([undefined, [], []]);
  });

  it('of a rollback have a wait of their own, which nobody has ended yet, and what it cuts off is added', async () => {
    const forward = await pinned();
    await records.updateTarget('web', 'd1', 'i-1', { endDrain: { requestedBy: 'ann', atMs: clock.nowMs } });
    await step('watch', seen(forward, 3));
    clock.nowMs += 500_000;
    const back = { phase: 'waiting', phaseStartedAtMs: clock.nowMs, rollingBackTo: '1.0.0' } as const;
    await records.updateTarget('web', 'd1', 'i-1', back);
    pattern = undefined;
    for (const group of [main, drain]) group.states['i-1'] = 'healthy';
    let { roll } = await step('pin', WITH_SESSIONS);
    expect((await target())?.sessionsLeft).toBe(4);
    clock.nowMs += 60_000;
    ({ roll } = await step('pin', roll));
    clock.nowMs += 70_000;
    expect((await step('watch', seen(roll, 2))).verdict).toBe('REPEAT');
    await records.updateTarget('web', 'd1', 'i-1', { endDrain: { requestedBy: 'ann', atMs: clock.nowMs } });
    for (const delivery of ['first', 'second']) {
      expect([delivery, (await step('watch', seen(roll, 2))).verdict]).toEqual([delivery, 'DONE']);
      expect((await target())?.sessionsCutOff).toBe(5);
    }
  });

  it('are waited for no longer than an execution lasts, whatever the server says, and in a rollback than the setting says', async () => {
    const roll = await pinned();
    const endless: Roll = { ...seen(roll, 3), sessions: { cookie: 'SID', route: 'i-1', count: 3, timeoutSeconds: 604_800 } };
    const ends = async () => ((await target())?.sessionDrainEndsAtMs ?? 0) - roll.phaseStartedAtMs;
    await step('watch', endless);
    expect(await ends()).toBeLessThan(10_000_000);
    await records.updateTarget('web', 'd1', 'i-1', { rollingBackTo: '1.0.0' });
    await step('watch', endless);
    expect(await ends()).toBe(1_920_000);
  });

  it('are not left for want of a read that shows the others healthy: the second one comes after a pause', async () => {
    for (const id of ['i-1', 'i-2', 'i-3']) await records.putInstance('web', { instanceId: id, version: '1.0.0', installedAtMs: 1 });
    main.states['i-2'] = 'unhealthy';
    main.states['i-3'] = 'unhealthy';
    onPause = () => {
      main.states['i-2'] = 'healthy';
      main.states['i-3'] = 'healthy';
    };
    await pinned();
    expect(main.calls).toEqual(['deregister i-1']);
  });

  it('are pinned again after a deployment of the templates', async () => {
    const roll = await pinned();
    pattern = undefined;
    expect((await step('watch', seen(roll, 4))).verdict).toBe('REPEAT');
    expect(pattern).toBe(PATTERN);
  });

  it('of a pinned server that fails are released at once', async () => {
    const roll = await pinned();
    drain.states['i-1'] = 'unhealthy';
    expect((await step('watch', seen(roll, 4))).verdict).toBe('DONE');
    expect([pattern, (await target())?.sessionsCutOff]).toEqual([undefined, 4]);
  });

  it('go back with their server after a failure, and are never without it', async () => {
    await pinned();
    const release = async (progress: ReleaseReply['release']) =>
      (await sessions({ step: 'releasePinned', deploy: DEPLOY, lease, release: progress })) as ReleaseReply;
    const registered = await release(NOT_RELEASED);
    expect([registered.verdict, main.calls.at(-1), pattern]).toEqual(['WAIT', 'register i-1', PATTERN]);
    main.states['i-1'] = 'healthy';
    const healthy = await release(registered.release);
    clock.nowMs += 60_000;
    const neutral = await release(healthy.release);
    expect([neutral.verdict, pattern, drain.calls]).toEqual(['WAIT', undefined, ['register i-1']]);
    clock.nowMs += 60_000;
    expect((await release(neutral.release)).verdict).toBe('WAIT');
    expect(drain.calls.at(-1)).toBe('deregister i-1');
    expect((await release(neutral.release)).verdict).toBe('DONE');
  });

  it('are tried out on the rule before the first target, which then takes none', async () => {
    rules = [
      { ...FORWARDING, arn: 'l/drain', priority: 9, targetGroupArns: ['group'] },
      { ...FORWARDING, arn: 'l/own', priority: 10 },
    ];
    const check = () => sessions({ step: 'checkFront', deploy: DEPLOY, lease });
    expect(await check()).toEqual({ verdict: 'DONE' });
    expect([changes, pattern]).toEqual([[pinPattern('HOLDFAST', 'group'), undefined], undefined]);
    refusal = Object.assign(new Error('too many wildcards'), { name: 'InvalidConfigurationRequest' });
    await expect(check()).rejects.toMatchObject({ name: 'SessionsNotDrainable', message: expect.stringContaining('too many wildcards') });
    const recovers = { ...DEPLOY, recover: true };
    await expect(sessions({ step: 'checkFront', deploy: { ...recovers, keepsSessions: true }, lease })).rejects.toThrow(
      'too many wildcards',
    );
    expect(await sessions({ step: 'checkFront', deploy: recovers, lease })).toEqual({ verdict: 'DONE' });
    pattern = 'left by another roll';
    expect(await check()).toEqual({ verdict: 'DONE' });
  });

  it('of a pinned server that has failed are released first of all in a clean-up', async () => {
    await pinned();
    const release = () => sessions({ step: 'releaseFailed', deploy: DEPLOY, lease });
    expect([await release(), pattern]).toEqual([{ verdict: 'DONE' }, PATTERN]);
    drain.states['i-1'] = 'unhealthy';
    expect([await release(), pattern]).toEqual([{ verdict: 'DONE' }, undefined]);
  });

  it('of a pinned server that fails while stray calls end are released in that time, which is counted from the first look', async () => {
    await pinned();
    const look = (sinceMs: number) => sessions({ step: 'releaseFailedFor', deploy: DEPLOY, lease, seconds: 60, sinceMs });
    const begunMs = clock.nowMs;
    expect([await look(0), pattern]).toEqual([{ verdict: 'WAIT', sinceMs: begunMs }, PATTERN]);
    clock.nowMs += 59_999;
    drain.states['i-1'] = 'unhealthy';
    expect([await look(begunMs), pattern]).toEqual([{ verdict: 'WAIT', sinceMs: begunMs }, undefined]);
    clock.nowMs += 1;
    expect(await look(begunMs)).toEqual({ verdict: 'DONE', sinceMs: begunMs });
  });

  it('change nothing without the lock', async () => {
    const roll = await pinned();
    await stealLock(records);
    const before = [...main.calls, ...drain.calls];
    await expect(step('unpin', roll)).rejects.toMatchObject({ name: 'LeaseLost' });
    drain.states['i-1'] = 'unhealthy';
    await expect(sessions({ step: 'releaseFailedFor', deploy: DEPLOY, lease, seconds: 60, sinceMs: 0 })).rejects.toThrow();
    expect([[...main.calls, ...drain.calls], pattern]).toEqual([before, PATTERN]);
  });
});
