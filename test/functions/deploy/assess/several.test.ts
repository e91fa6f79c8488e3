import { beforeEach, describe, expect, it } from 'vitest';
import type { AwaitedTargets, NextTarget } from '../../../../functions/deploy/contract/assess-steps.ts';
import { START_MS, stealLock } from '../../fakes/fixtures.ts';
import { TWO_AT_ONCE, threeServers } from './three-servers.ts';

const two = TWO_AT_ONCE;

type Servers = Awaited<ReturnType<typeof threeServers>>;
let records: Servers['records'];
let lease: Servers['lease'];
let clock: Servers['clock'];
let members: Servers['members'];
let zones: Servers['zones'];
let health: Servers['health'];
let executions: Servers['executions'];
let install: Servers['install'];
let assess: Servers['assess'];

beforeEach(async () => {
  ({ records, lease, clock, members, zones, health, executions, install, assess } = await threeServers());
});

describe('several at once', () => {
  /** As the state machine passes it on. */
  let atWork: readonly string[];
  const next = async () => {
    const { atWork: seen, ...reply } = (await assess({ step: 'nextTarget', deploy: two, lease, waitingSinceMs: 0 })) as NextTarget;
    atWork = seen;
    return reply;
  };
  const look = async () => {
    const { atWork: seen, ...reply } = (await assess({ step: 'awaitTargets', deploy: two, lease, atWork })) as AwaitedTargets;
    atWork = seen;
    return reply;
  };
  const target = async (instanceId: string) => (await records.getDeploy('web', 'd1'))?.targets[instanceId];
  const run = (instanceId: string, status: string, more: object = {}) => {
    executions.states[`arn:aws:states:eu-west-1:123456789012:execution:roll:${instanceId}-${START_MS}`] = { status, ...more };
  };
  const begin = async () => {
    const { roll } = await next();
    const { instanceId = '' } = roll ?? {};
    run(instanceId, 'RUNNING');
    await records.updateTarget('web', 'd1', instanceId, { phase: 'draining', phaseStartedAtMs: clock.nowMs });
    return instanceId;
  };
  beforeEach(async () => {
    atWork = [];
    await assess({ step: 'plan', deploy: two, lease });
  });

  it('begins as many as the limit allows, and the next one when one has ended', async () => {
    members['i-4'] = 'InService';
    health['i-4'] = 'healthy';
    await install('i-4', '1.0.0');
    expect(await next()).toMatchObject({ room: true, roll: { instanceId: 'i-1', atOnce: 2 } });
    run('i-1', 'RUNNING');
    expect(await next()).toMatchObject({ room: false, roll: { instanceId: 'i-2' } });
    run('i-2', 'RUNNING');
    expect(await next()).toEqual({ verdict: 'AWAIT', waitingSinceMs: 0 });
    expect(await look()).toMatchObject({ verdict: 'REPEAT' });
    await records.updateTarget('web', 'd1', 'i-2', { phase: 'done', finishedAtMs: clock.nowMs });
    await install('i-2', '2.0.0');
    expect(await next()).toMatchObject({ room: false, roll: { instanceId: 'i-3' } });
  });

  it('notices one that ended before the look began: after it was begun, or while the look before was slept upon', async () => {
    await begin();
    await begin();
    expect(atWork).toEqual([`i-1-${START_MS}`, `i-2-${START_MS}`]);
    expect(await look()).toMatchObject({ verdict: 'REPEAT' });
    await records.updateTarget('web', 'd1', 'i-1', { phase: 'done', finishedAtMs: clock.nowMs });
    await install('i-1', '2.0.0');
    expect(await look()).toMatchObject({ verdict: 'DONE' });
    expect(await begin()).toBe('i-3');
    await records.updateTarget('web', 'd1', 'i-2', { phase: 'done', finishedAtMs: clock.nowMs });
    expect(await look()).toMatchObject({ verdict: 'DONE' });
    expect(await look(), 'each end once').toMatchObject({ verdict: 'REPEAT' });
  });

  it('gives the same target again while its execution was not started: the answer was lost', async () => {
    const first = await next();
    clock.nowMs += 5_000;
    expect(await next()).toEqual({ ...first, room: true });
    clock.nowMs += 30_000;
    expect(await look(), 'it is asked for again').toMatchObject({ verdict: 'DONE' });
  });

  it('leaves a zone its last server while one at work there was stopped, which is no member any more', async () => {
    members['i-4'] = 'InService';
    health['i-4'] = 'healthy';
    await install('i-4', '1.0.0');
    Object.assign(zones, { 'i-1': 'a', 'i-2': 'b', 'i-3': 'b', 'i-4': 'a' });
    expect(await begin()).toBe('i-1');
    expect((await target('i-1'))?.zone).toBe('a');
    delete members['i-1'];
    delete health['i-1'];
    await records.updateTarget('web', 'd1', 'i-2', { phase: 'done', finishedAtMs: clock.nowMs });
    await install('i-2', '2.0.0');
    await records.updateTarget('web', 'd1', 'i-3', { phase: 'done', finishedAtMs: clock.nowMs });
    await install('i-3', '2.0.0');
    expect(await next(), 'i-1 comes back to the zone of i-4').toEqual({ verdict: 'AWAIT', waitingSinceMs: 0 });
  });

  it('begins nothing after a failure, and fails with it once the others have ended', async () => {
    await begin();
    await begin();
    await records.recordFirstFailure('web', 'd1', { Error: 'TargetNeverUp', Cause: 'never' });
    await records.updateTarget('web', 'd1', 'i-1', { phase: 'failed', finishedAtMs: clock.nowMs });
    expect(await next()).toEqual({ verdict: 'AWAIT', waitingSinceMs: 0 });
    await records.updateTarget('web', 'd1', 'i-2', { phase: 'done', finishedAtMs: clock.nowMs });
    await install('i-2', '2.0.0');
    expect(await next(), 'i-3 would have its place, and enough others to serve').toEqual({ verdict: 'AWAIT', waitingSinceMs: 0 });
    expect(await target('i-3')).not.toHaveProperty('startedAtMs');
    expect(await look(), 'the failed one still puts its server back').toMatchObject({ verdict: 'REPEAT' });
    run('i-1', 'FAILED');
    const failed = { verdict: 'FAILED', error: { Error: 'TargetNeverUp', Cause: 'never' } };
    expect(await look()).toMatchObject(failed);
    expect(await next()).toMatchObject(failed);
  });

  it.each([
    ['ABORTED', {}, { Error: 'Aborted', Cause: 'the execution that rolled the target was stopped' }],
    ['TIMED_OUT', {}, { Error: 'States.Timeout', Cause: 'the execution that rolled the target ran out of time' }],
    ['FAILED', { error: 'CommandFailed', cause: '{"errorMessage":"silent"}' }, { Error: 'CommandFailed', Cause: 'silent' }],
    ['SUCCEEDED', {}, { Error: 'TargetFailed', Cause: 'the roll of i-1 stopped while draining' }],
  ])('notices a roll that ended as %s without a word, and leaves its phase to the clean-up', async (status, more, error) => {
    await begin();
    run('i-1', status, more);
    expect(await look(), 'its record can come in a moment').toMatchObject({ verdict: 'REPEAT' });
    clock.nowMs += 30_000;
    expect(await look()).toMatchObject({ verdict: 'FAILED', error });
    expect(await target('i-1')).toMatchObject({ phase: 'draining', died: `i-1-${START_MS}` });
  });

  it('has the failure on record also where the look that noticed it was stopped between its two writes', async () => {
    await begin();
    run('i-1', 'ABORTED');
    clock.nowMs += 30_000;
    for (const lost of ['updateTarget', 'recordFirstFailure'] as const) {
      const write = records[lost];
      let calls = 0;
      Object.assign(records, {
        [lost]: async (...given: Parameters<typeof write>) => {
          calls += 1;
          if (calls === 1) throw new Error('stopped');
          return (write as (...all: unknown[]) => unknown)(...given);
        },
      });
      await expect(look()).rejects.toThrow('stopped');
      Object.assign(records, { [lost]: write });
    }
    expect(await look()).toMatchObject({ verdict: 'FAILED', error: { Error: 'Aborted' } });
  });

  it('blames nobody for a roll that recorded its end while its execution was asked for', async () => {
    await begin();
    await begin();
    clock.nowMs += 30_000;
    run('i-1', 'SUCCEEDED');
    const { describe: ask } = executions;
    executions.describe = async (arn) => {
      await records.updateTarget('web', 'd1', 'i-1', { phase: 'done', finishedAtMs: clock.nowMs });
      return ask(arn);
    };
    expect(await look()).toMatchObject({ verdict: 'DONE' });
    expect((await records.getDeploy('web', 'd1'))?.firstFailure).toBeUndefined();
  });

  it('fails rather than begin a target again that the deploy has rolled', async () => {
    await begin();
    await records.updateTarget('web', 'd1', 'i-1', { died: `i-1-${START_MS}` });
    await expect(next()).rejects.toMatchObject({ name: 'TargetFailed' });
  });

  it('goes on without a newcomer whose roll ended without a word', async () => {
    for (const instanceId of ['i-1', 'i-2', 'i-3']) await install(instanceId, '2.0.0');
    members['i-4'] = 'InService';
    health['i-4'] = 'healthy';
    expect(await begin()).toBe('i-4');
    run('i-4', 'ABORTED');
    clock.nowMs += 30_000;
    expect(await look()).toMatchObject({ verdict: 'DONE' });
    expect(await target('i-4')).toMatchObject({ phase: 'failed', detail: 'the execution that rolled the target was stopped' });
    expect(await next()).toEqual({ verdict: 'DONE', waitingSinceMs: 0 });
  });

  it('waits for those at work when a step of its own has failed, and passes over what was never started', async () => {
    await begin();
    await next();
    await assess({ step: 'beginNothing', deploy: two, lease, error: { Error: 'StoreUnavailable', Cause: '{"errorMessage":"down"}' } });
    clock.nowMs += 30_000;
    expect(await look(), 'i-2 was chosen and not begun').toMatchObject({ verdict: 'REPEAT' });
    await records.updateTarget('web', 'd1', 'i-1', { phase: 'done', finishedAtMs: clock.nowMs });
    expect(await look()).toMatchObject({ verdict: 'FAILED', error: { Error: 'StoreUnavailable', Cause: 'down' } });
  });

  it('does not outlive the lock', async () => {
    await stealLock(records);
    await expect(look()).rejects.toMatchObject({ name: 'LeaseLost' });
  });
});
