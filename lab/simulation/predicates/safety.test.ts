import { expect, test } from 'vitest';
import type { RequestFailure } from '../cloud/contracts.ts';
import { Safety } from './safety.ts';
import type { View } from './view.ts';

const BAD = '2.0.0';
const NO_TARGET: RequestFailure = {
  sessionId: 's',
  status: 503,
  cause: 'noTarget',
  why: '503 from no server',
  sentAtMs: 0,
  durationMs: 100,
};
const ITS_OWN: RequestFailure = { sessionId: 's', status: 500, instanceId: 'i-1', version: BAD, why: '500', sentAtMs: 0, durationMs: 100 };

/** A fleet of one server on which a release is being baked that answers errors. */
function safety(changes: Partial<View> = {}): Safety {
  return new Safety({
    now: () => 0,
    deploys: () => [],
    badAt: (version: string) => (version === BAD ? 'bake' : undefined),
    installed: () => BAD,
    registered: () => ['i-1'],
    members: () => [{ instanceId: 'i-1', lifecycleState: 'InService' }],
    deregistrationDelayMs: () => 30_000,
    wasResumedByOperator: () => false,
    terminatesUndrained: () => false,
    isLoadBalancerSlow: () => false,
    faultOnServer: () => false,
    faultOnStore: () => false,
    ...changes,
  } as unknown as View);
}

function found(failure: RequestFailure, changes?: Partial<View>) {
  const { watcher, violations } = safety(changes);
  watcher.requestFailed?.(failure);
  return violations.map(({ predicate, text }) => `${predicate} ${text}`);
}

test('a bad release excuses its own answers, and no request that found no target', () => {
  expect(found(ITS_OWN)).toEqual([]);
  expect(found(NO_TARGET)).toEqual(['S1 503 from no server']);
});

test('a bad release excuses no request that its server did not answer', () => {
  const { version: _, ...unanswered } = { ...ITS_OWN, status: 502, cause: 'targetClosed' as const, why: '502 from i-1' };
  expect(found(unanswered)).toEqual([`S1 502 from i-1 (i-1, release ${BAD})`]);
});

test('a good release is not excused by a bad one, and a fault of a server excuses a request that found no target', () => {
  expect(found({ ...ITS_OWN, version: '1.0.0' })).toHaveLength(1);
  expect(found(NO_TARGET, { faultOnServer: () => true })).toEqual([]);
});

test('a request of another service that the drain rule takes is found', () => {
  const { watcher, violations } = safety();
  watcher.requestTaken?.({ host: 'blog.example.com', path: '/' });
  expect(violations).toMatchObject([{ predicate: 'S14', text: expect.stringContaining('blog.example.com/') }]);
});
