import { expect, it } from 'vitest';
import { cutOffOf, isUp, mostAreCutOff, mostAreUp } from '../../../../functions/incidents/classify/facts/reach.ts';

const REACHES = { reachable: true } as const;
const CUT_OFF = { reachable: false, error: 'connect ETIMEDOUT' } as const;

it.each([
  ['a gate that is up', { gate: true }, 1, 0],
  ['a gate that is up although the PING fails: the application has a way of its own', { gate: true, store: CUT_OFF }, 1, 0],
  ['a gate that is not up while the store answers: something else is down', { gate: false, store: REACHES }, 0, 0],
  ['a gate that is not up, and a PING that fails', { gate: false, store: CUT_OFF }, 0, 1],
  ['a gate that is not up, and no PING', { gate: false }, 0, 1],
  ['a store that answers with an error', { store: { reachable: true, error: 'LOADING' } }, 0, 1],
  ['nothing', {}, 0, 0],
])('%s', (_, server, up, cutOff) => {
  expect([isUp(server as never) === true ? 1 : 0, cutOffOf([server as never])]).toEqual([up, cutOff]);
});

it('most are more than half of all: one that says nothing counts for neither', () => {
  const servers = [{ gate: true }, { gate: true }, {}, {}];
  expect([mostAreUp(servers), mostAreCutOff(servers)]).toEqual([false, false]);
});
