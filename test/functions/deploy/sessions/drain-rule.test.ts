/** The drain rule before the first server, and in a clean-up. */
import { beforeEach, describe, expect, it } from 'vitest';
import { pinPattern } from '../../../../functions/deploy/sessions/pin-pattern.ts';
import { DEPLOY, stealLock } from '../../fakes/fixtures.ts';
import { createFront, PATTERN, type SessionsFront } from './fake-front.ts';

const FORWARDING = { hosts: [], paths: [], others: [], transforms: [], actions: ['forward'], targetGroupArns: ['main'] };

let records: SessionsFront['records'];
let lease: SessionsFront['lease'];
let clock: SessionsFront['clock'];
let drain: SessionsFront['drain'];
let rule: SessionsFront['rule'];
let sessions: SessionsFront['sessions'];

beforeEach(async () => {
  ({ records, lease, clock, drain, rule, sessions } = await createFront());
});

const pin = () => {
  rule.pattern = PATTERN;
  drain.states['i-1'] = 'healthy';
};

describe('sessions', () => {
  it('are tried out on the rule before the first target, which then takes none', async () => {
    rule.rules = [
      { ...FORWARDING, arn: 'l/drain', priority: 9, targetGroupArns: ['group'] },
      { ...FORWARDING, arn: 'l/own', priority: 10 },
    ];
    const check = () => sessions({ step: 'checkFront', deploy: DEPLOY, lease });
    expect(await check()).toEqual({ verdict: 'DONE' });
    expect([rule.changes, rule.pattern]).toEqual([[pinPattern('HOLDFAST', 'group'), undefined], undefined]);
    rule.refusal = Object.assign(new Error('too many wildcards'), { name: 'InvalidConfigurationRequest' });
    await expect(check()).rejects.toMatchObject({ name: 'SessionsNotDrainable', message: expect.stringContaining('too many wildcards') });
    const recovers = { ...DEPLOY, recover: true };
    await expect(sessions({ step: 'checkFront', deploy: { ...recovers, keepsSessions: true }, lease })).rejects.toThrow(
      'too many wildcards',
    );
    expect(await sessions({ step: 'checkFront', deploy: recovers, lease })).toEqual({ verdict: 'DONE' });
    rule.pattern = 'left by another roll';
    expect(await check()).toEqual({ verdict: 'DONE' });
    rule.groups = { ...rule.groups, attributes: { 'stickiness.enabled': 'true' } };
    await expect(check()).rejects.toMatchObject({ name: 'SessionsNotDrainable', message: expect.stringContaining('has stickiness') });
    rule.rules = [];
    rule.groups = undefined as never;
    await expect(check(), 'a rule that is wrong can name no group').rejects.toMatchObject({ name: 'SessionsNotDrainable' });
  });

  it('of a pinned server that has failed are released first of all in a clean-up', async () => {
    pin();
    const release = () => sessions({ step: 'releaseFailed', deploy: DEPLOY, lease });
    expect([await release(), rule.pattern]).toEqual([{ verdict: 'DONE' }, PATTERN]);
    drain.states['i-1'] = 'unhealthy';
    expect([await release(), rule.pattern]).toEqual([{ verdict: 'DONE' }, undefined]);
  });

  it('of a pinned server that fails while stray calls end are released in that time, which is counted from the first look', async () => {
    pin();
    const look = (sinceMs: number) => sessions({ step: 'releaseFailedFor', deploy: DEPLOY, lease, seconds: 60, sinceMs });
    const begunMs = clock.nowMs;
    expect([await look(0), rule.pattern]).toEqual([{ verdict: 'WAIT', sinceMs: begunMs }, PATTERN]);
    clock.nowMs += 59_999;
    drain.states['i-1'] = 'unhealthy';
    expect([await look(begunMs), rule.pattern]).toEqual([{ verdict: 'WAIT', sinceMs: begunMs }, undefined]);
    clock.nowMs += 1;
    expect(await look(begunMs)).toEqual({ verdict: 'DONE', sinceMs: begunMs });
  });

  it('of a pinned server that has failed are left alone without the lock', async () => {
    pin();
    drain.states['i-1'] = 'unhealthy';
    await stealLock(records);
    const look = { deploy: DEPLOY, lease, seconds: 60, sinceMs: 0 };
    await expect(sessions({ step: 'releaseFailedFor', ...look })).rejects.toMatchObject({ name: 'LeaseLost' });
    expect(rule.pattern).toBe(PATTERN);
  });
});
