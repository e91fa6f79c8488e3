import { expect, it } from 'vitest';
import { cutOffOf, isUp, mostAreCutOff, mostAreUp } from '../../../../functions/incidents/classify/facts/reach.ts';

const REACHES = { reachable: true } as const;
const CUT_OFF = { reachable: false, error: 'connect ETIMEDOUT' } as const;

it.each([
  ['a readiness check that passes', { ready: true }, 1, 0],
  ['a readiness check that passes although the PING fails: the application has a way of its own', { ready: true, store: CUT_OFF }, 1, 0],
  ['a readiness check that fails while the store answers: something else is down', { ready: false, store: REACHES }, 0, 0],
  ['a readiness check that fails, and a PING that fails', { ready: false, store: CUT_OFF }, 0, 1],
  ['a readiness check that fails, and no PING', { ready: false }, 0, 1],
  ['a store that answers with an error', { store: { reachable: true, error: 'LOADING' } }, 0, 1],
  ['nothing', {}, 0, 0],
])('%s', (_, server, up, cutOff) => {
  expect([isUp(server as never) === true ? 1 : 0, cutOffOf([server as never])]).toEqual([up, cutOff]);
});

it('most are more than half of all: one that says nothing counts for neither', () => {
  const servers = [{ ready: true }, { ready: true }, {}, {}];
  expect([mostAreUp(servers), mostAreCutOff(servers)]).toEqual([false, false]);
});
