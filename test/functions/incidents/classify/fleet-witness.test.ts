/** What the fleet's side adds to what others say. */
import { describe, expect, it } from 'vitest';
import { classify } from '../../../../functions/incidents/classify/classify.ts';
import { refusesWrites } from '../../../../functions/incidents/classify/facts/store-nodes.ts';
import type { Evidence } from '../../../../functions/incidents/contract/evidence.ts';
import type { Witnessed, WitnessState } from '../../../../functions/incidents/contract/witness.ts';
import { evidence, NOW_MS, server, unreachable } from '../healthy-evidence.ts';
import { minutesWith } from './cases-in-front.ts';
import { PRIMARY_GONE } from './situation.ts';

const seen = (state: WitnessState): Witnessed => ({ fleet: 'web', atMs: NOW_MS, state, tookMs: 9, signIn: 'iam' });
const withFleet = (one: Evidence, state: WitnessState): Evidence => ({
  ...one,
  sources: { ...one.sources, witness: { takenAtMs: NOW_MS, facts: { fleets: [seen(state)] } } },
});
const silent = (one: Evidence): Evidence => ({ ...one, sources: { ...one.sources, servers: { gap: 'Systems Manager does not answer' } } });
const find = (one: Evidence) => classify(one, 'store-failure');

const WELL = evidence({ storeGroup: { status: 'available' } });
const DOWN = silent(evidence({ store: { nodes: [unreachable('node-1'), unreachable('node-2')] } }));

describe('servers that say nothing', () => {
  it('are found cut off where the fleet cannot reach a store whose primary answers', () => {
    expect(find(silent(WELL)).verdict).toBe('unknown');
    const found = find(withFleet(silent(WELL), 'unreachable'));
    expect(found).toMatchObject({ verdict: 'cause', cause: 'server-partitioned' });
    expect(found).toMatchObject({ because: expect.arrayContaining([expect.objectContaining({ source: 'witness' })]) });
  });

  it('leave a second witness of a store that is down', () => {
    expect(find(DOWN)).not.toMatchObject({ cause: 'store-down', confidence: 'certain' });
    expect(find(withFleet(DOWN, 'unreachable'))).toMatchObject({ cause: 'store-down' });
  });

  it('leave the collector cut off where the store works for the fleet', () => {
    expect(find(withFleet(DOWN, 'reached'))).not.toMatchObject({ cause: 'store-down' });
  });
});

describe('a fleet that is cut off alone', () => {
  it('is its own way, where each server reaches the store', () => {
    expect(find(withFleet(WELL, 'unreachable'))).not.toMatchObject({ cause: 'server-partitioned' });
  });

  it('does not see one server that is cut off, and does not hide it', () => {
    const servers = [server('i-1', { store: { reachable: false, error: 'no answer within 2 s' } }), server('i-2'), server('i-3')];
    const one = evidence({ servers: { servers } });
    expect(find(withFleet(one, 'reached'))).toEqual(find(one));
    expect(find(one)).toMatchObject({ cause: 'server-partitioned', about: { instanceId: 'i-1' } });
  });
});

it('is believed before a proxy that answers the PING of servers, where the collector has no primary and users get errors', () => {
  const proxied = evidence({ store: PRIMARY_GONE, traffic: minutesWith(5, { target5xx: 40 }) });
  const foundWith = (one: Evidence) => classify(one, 'logged-out');
  expect(foundWith(proxied)).not.toMatchObject({ cause: 'store-connection-failures' });
  expect(foundWith(withFleet(proxied, 'unreachable'))).toMatchObject({ cause: 'store-connection-failures', confidence: 'likely' });
  expect(foundWith(withFleet(proxied, 'reached'))).not.toMatchObject({ cause: 'store-connection-failures' });
});

it('adds a refusal of its login, and of its writes', () => {
  const refused = server('i-1', { store: { reachable: false, error: 'WRONGPASS invalid username-password pair' } });
  const servers = [refused, { ...refused, instanceId: 'i-2' }, { ...refused, instanceId: 'i-3' }];
  expect(find(withFleet(evidence({ servers: { servers } }), 'refusedLogin'))).toMatchObject({
    cause: 'store-rejects-logins',
    because: expect.arrayContaining([
      expect.objectContaining({ text: expect.stringContaining('the network of fleet web is refused its login') }),
    ]),
  });
  expect([refusesWrites(WELL).truth, refusesWrites(withFleet(WELL, 'readOnly')).truth]).toEqual([false, true]);
});

it('changes nothing where it is missing, and where it could not try', () => {
  for (const one of [WELL, DOWN, silent(WELL)]) expect(find(withFleet(one, 'unknown'))).toEqual(find(one));
});
