import { expect, it } from 'vitest';
import { findLeftovers } from '../../../../functions/deploy/reconcile/reconcile.ts';

const NOW = 10_000_000;
const lock = (expiredForMs: number) => ({ fencingToken: 3, deployId: 'd1', expiresAtMs: NOW - expiredForMs });

it.each([
  ['a free lock', { lock: { fencingToken: 3 } }, { stuck: false, orphaned: false }],
  ['no lock at all', { lock: undefined }, { stuck: false, orphaned: false }],
  ['a deploy that renews its lease', { lock: lock(-1_000), running: ['d1'] }, { stuck: false, orphaned: false }],
  ['a lease that is over for less than five minutes', { lock: lock(299_999), running: ['d1'] }, { stuck: false, orphaned: false }],
  ['a deploy that runs and has been silent for five minutes', { lock: lock(300_000), running: ['d1'] }, { stuck: true, orphaned: false }],
  ['a lock of a deploy that does not run any more', { lock: lock(300_000) }, { stuck: false, orphaned: true }],
  ['a lock of another deploy than those that run', { lock: lock(300_000), running: ['d2'] }, { stuck: false, orphaned: true }],
  [
    'a clean-up that was given up, no matter which deploy holds the lock',
    { lock: lock(-1_000), running: ['d1'], givenUp: ['d0'] },
    { stuck: false, orphaned: true },
  ],
])('%s', (_title, facts, expected) => {
  expect(findLeftovers({ running: [], givenUp: [], nowMs: NOW, ...facts })).toEqual(expected);
});
