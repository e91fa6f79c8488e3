import { beforeEach, describe, expect, it } from 'vitest';
import type { Roll, SessionsReply, UnpinningReply } from '../../../../functions/deploy/contract/roll.ts';
import { pinPattern } from '../../../../functions/deploy/sessions/pin-pattern.ts';
import { NOT_RELEASED } from '../../../../functions/deploy/sessions/unpin.ts';
import { DEPLOY, ROLL, START_MS, stealLock } from '../../fakes/fixtures.ts';
import { createFront, PATTERN, type SessionsFront } from './fake-front.ts';

const WITH_SESSIONS: Roll = { ...ROLL, sessions: { cookie: 'SID', route: 'i-1', count: 4 } };

let records: SessionsFront['records'];
let lease: SessionsFront['lease'];
let clock: SessionsFront['clock'];
let main: SessionsFront['main'];
let drain: SessionsFront['drain'];
let metrics: SessionsFront['metrics'];
let rule: SessionsFront['rule'];
let sessions: SessionsFront['sessions'];

beforeEach(async () => {
  ({ records, lease, clock, main, drain, metrics, rule, sessions } = await createFront());
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
    expect([first.verdict, drain.calls, rule.pattern, (await target())?.phase]).toEqual(['WAIT', ['register i-1'], undefined, 'pinning']);
    expect((await step('pin', first.roll)).verdict).toBe('WAIT');
    drain.states['i-1'] = 'healthy';
    const second = await step('pin', first.roll);
    expect([second.verdict, rule.pattern, main.calls]).toEqual(['WAIT', PATTERN, []]);
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
    expect([drain.calls, rule.pattern]).toEqual([[], undefined]);
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
    expect([released.verdict, rule.pattern, drain.calls]).toEqual(['WAIT', undefined, ['register i-1']]);
    clock.nowMs += 60_000;
    const left = await step('unpin', released.roll);
    expect([left.verdict, drain.calls.at(-1), (await target())?.phase]).toEqual(['DONE', 'deregister i-1', 'draining']);
    expect(left.roll).not.toHaveProperty('sessions');
  });

  it('wait for the nodes of the load balancer from the end of a call that took long', async () => {
    rule.takesMs = 30_000;
    const deregister = main.deregister.bind(main);
    main.deregister = async (...target) => {
      await deregister(...target);
      clock.nowMs += 30_000;
    };
    let { roll } = await step('pin', WITH_SESSIONS);
    drain.states['i-1'] = 'healthy';
    ({ roll } = await step('pin', roll));
    clock.nowMs += 59_000;
    expect((await step('pin', roll)).verdict).toBe('WAIT');
    clock.nowMs += 1_000;
    ({ roll } = await step('pin', roll));
    expect([main.calls, roll.phaseStartedAtMs]).toEqual([['deregister i-1'], clock.nowMs]);
    clock.nowMs += 59_000;
    expect((await step('watch', seen(roll, 0))).verdict, 'a node can still begin sessions on it').toBe('REPEAT');
    clock.nowMs += 1_000;
    ({ roll } = (await step('watch', seen(roll, 0))) as SessionsReply);
    ({ roll } = await step('unpin', roll));
    clock.nowMs += 59_000;
    expect([(await step('unpin', roll)).verdict, drain.calls]).toEqual(['WAIT', ['register i-1']]);
    clock.nowMs += 1_000;
    expect([(await step('unpin', roll)).verdict, drain.calls.at(-1)]).toEqual(['DONE', 'deregister i-1']);
  });

  it('of another roll are released before the server is pinned, from the end of a call that took long', async () => {
    rule.takesMs = 30_000;
    rule.pattern = pinPattern('SID', 'i-2');
    drain.states['i-2'] = 'unhealthy';
    let { roll } = await step('pin', WITH_SESSIONS);
    expect(rule.pattern).toBeUndefined();
    clock.nowMs += 59_000;
    ({ roll } = await step('pin', roll));
    expect(drain.calls).toEqual([]);
    clock.nowMs += 1_000;
    await step('pin', roll);
    expect(drain.calls).toEqual(['deregister i-2']);
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
    expect([rule.pattern, rule.changes, main.calls]).toEqual([undefined, [], []]);
  });

  it('of a rollback have a wait of their own, which nobody has ended yet, and what it cuts off is added', async () => {
    const forward = await pinned();
    await records.updateTarget('web', 'd1', 'i-1', { endDrain: { requestedBy: 'ann', atMs: clock.nowMs } });
    await step('watch', seen(forward, 3));
    clock.nowMs += 500_000;
    const back = { phase: 'waiting', phaseStartedAtMs: clock.nowMs, rollingBackTo: '1.0.0' } as const;
    await records.updateTarget('web', 'd1', 'i-1', back);
    rule.pattern = undefined;
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
    rule.onPause = () => {
      main.states['i-2'] = 'healthy';
      main.states['i-3'] = 'healthy';
    };
    await pinned();
    expect(main.calls).toEqual(['deregister i-1']);
  });

  it('are pinned again after a deployment of the templates', async () => {
    const roll = await pinned();
    rule.pattern = undefined;
    expect((await step('watch', seen(roll, 4))).verdict).toBe('REPEAT');
    expect(rule.pattern).toBe(PATTERN);
  });

  it('of a pinned server that fails are released at once', async () => {
    const roll = await pinned();
    drain.states['i-1'] = 'unhealthy';
    expect((await step('watch', seen(roll, 4))).verdict).toBe('DONE');
    expect([rule.pattern, (await target())?.sessionsCutOff]).toEqual([undefined, 4]);
  });

  it('go back with their server after a failure, and are never without it', async () => {
    await pinned();
    const release = async (progress: UnpinningReply['release']) =>
      (await sessions({ step: 'releasePinned', deploy: DEPLOY, lease, release: progress })) as UnpinningReply;
    const registered = await release(NOT_RELEASED);
    expect([registered.verdict, main.calls.at(-1), rule.pattern]).toEqual(['WAIT', 'register i-1', PATTERN]);
    main.states['i-1'] = 'healthy';
    const healthy = await release(registered.release);
    clock.nowMs += 60_000;
    const neutral = await release(healthy.release);
    expect([neutral.verdict, rule.pattern, drain.calls]).toEqual(['WAIT', undefined, ['register i-1']]);
    clock.nowMs += 60_000;
    expect((await release(neutral.release)).verdict).toBe('WAIT');
    expect(drain.calls.at(-1)).toBe('deregister i-1');
    expect((await release(neutral.release)).verdict).toBe('DONE');
  });

  it('change nothing without the lock', async () => {
    const roll = await pinned();
    await stealLock(records);
    const before = [...main.calls, ...drain.calls];
    await expect(step('unpin', roll)).rejects.toMatchObject({ name: 'LeaseLost' });
    expect([[...main.calls, ...drain.calls], rule.pattern]).toEqual([before, PATTERN]);
  });
});
