/** The load balancer's own faults, and what its owner deletes, end no session and stop no repair. */
import { expect, it } from 'vitest';
import type { Roll, SessionsReply, WatchedPinsReply } from '../../../../functions/deploy/contract/roll.ts';
import { NOT_RELEASED, readDrainState } from '../../../../functions/deploy/sessions/unpin.ts';
import { DEPLOY, ROLL } from '../../fakes/fixtures.ts';
import { createFront, PATTERN } from './fake-front.ts';

const PINNED: Roll = { ...ROLL, instanceId: 'i-1', sessions: { cookie: 'SID', route: 'i-1', count: 4 } };

it('one fault of the load balancer’s health check ends no session, two in a row do', async () => {
  const { sessions, lease, drain, rule } = await createFront();
  const watch = async (roll: Roll) => (await sessions({ step: 'watch', deploy: DEPLOY, lease, roll })) as SessionsReply;
  rule.pattern = PATTERN;
  drain.states['i-1'] = 'unavailable';
  const first = await watch(PINNED);
  expect([first.verdict, rule.pattern]).toEqual(['REPEAT', PATTERN]);
  drain.states['i-1'] = 'healthy';
  const between = await watch(first.roll);
  drain.states['i-1'] = 'unavailable';
  const again = await watch(between.roll);
  expect(again.verdict, 'it was healthy in between').toBe('REPEAT');
  expect([(await watch(again.roll)).verdict, rule.pattern]).toEqual(['DONE', undefined]);
});

it('a drain group that its owner has deleted is empty, so that the clean-up goes on', async () => {
  const { sessions, lease, drain, main } = await createFront();
  const gone = Object.assign(new Error('One or more target groups not found'), { name: 'TargetGroupNotFoundException' });
  drain.describeHealth = async () => {
    throw gone;
  };
  const front = await readDrainState({
    rule: { read: async () => undefined, release: async () => {} },
    drainGroup: drain,
    targetGroup: main,
  });
  expect(front.drain).toEqual([]);
  expect(await sessions({ step: 'releaseFailed', deploy: DEPLOY, lease })).toEqual({ verdict: 'DONE' });
  const released = (await sessions({ step: 'releasePinned', deploy: DEPLOY, lease, release: NOT_RELEASED })) as WatchedPinsReply;
  expect(released.verdict).toBe('DONE');
});

it('while sessions cannot be counted, the record says why', async () => {
  const { sessions, lease, drain, rule, records } = await createFront();
  rule.pattern = PATTERN;
  drain.states['i-1'] = 'healthy';
  const { count: _, ...uncounted } = PINNED.sessions ?? { cookie: 'SID', route: 'i-1' };
  await sessions({
    step: 'watch',
    deploy: DEPLOY,
    lease,
    roll: { ...PINNED, sessions: { ...uncounted, lastCount: 4, reason: '/status answers with status 500' } },
  });
  const target = (await records.getDeploy('web', 'd1'))?.targets['i-1'];
  expect(target?.detail).toMatch(/could not be counted at the last check: \/status answers with status 500/);
});
