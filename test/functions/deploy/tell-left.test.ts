import { expect, it } from 'vitest';
import { leftRules, tellLeft } from '../../../functions/deploy/tell-left.ts';

const NOW = 10_000_000;
const lock = (expiredForMs: number) => ({ fencingToken: 3, deployId: 'd1', expiresAtMs: NOW - expiredForMs });

it.each([
  ['a free lock', { lock: { fencingToken: 3 } }, { stuck: false, left: false }],
  ['no lock at all', { lock: undefined }, { stuck: false, left: false }],
  ['a deploy that renews its lease', { lock: lock(-1_000), running: ['d1'] }, { stuck: false, left: false }],
  ['a lease that is over for less than five minutes', { lock: lock(299_999), running: ['d1'] }, { stuck: false, left: false }],
  ['a deploy that runs and has been silent for five minutes', { lock: lock(300_000), running: ['d1'] }, { stuck: true, left: false }],
  ['a lock of a deploy that does not run any more', { lock: lock(300_000) }, { stuck: false, left: true }],
  ['a lock of another deploy than those that run', { lock: lock(300_000), running: ['d2'] }, { stuck: false, left: true }],
  [
    'a clean-up that was given up, whoever holds the lock',
    { lock: lock(-1_000), running: ['d1'], givenUp: ['d0'] },
    { stuck: false, left: true },
  ],
])('%s', (_title, facts, expected) => {
  expect(tellLeft({ running: [], givenUp: [], nowMs: NOW, ...facts })).toEqual(expected);
});

it.each([
  ['of a deploy under way stays out', ['d1'], [], []],
  ['of a deploy that has ended is told', [], [], ['rule']],
  ['of a deploy that was given up is told', ['d1'], ['d1'], ['rule']],
])('a rule %s', (_title, open, givenUp, told) => {
  const left = leftRules([{ ruleArn: 'rule', deployId: 'd1' }], new Set(open), givenUp);
  expect(left.map(({ ruleArn }) => ruleArn)).toEqual(told);
});
