import { describe, expect, it } from 'vitest';
import type { KnownNode } from '../../../../functions/records/store-nodes.ts';
import { chooseReplicas } from '../../../../functions/sweep/replica/open-reader.ts';

const NOW = 1_700_000_000_000;
const MINUTE_MS = 60_000;
const node = (name: string, more: Partial<KnownNode> = {}): KnownNode => ({
  name,
  host: name,
  port: 6379,
  runId: `run-${name}`,
  role: 'replica',
  replicationId: 'stream',
  linkUp: true,
  lagSeconds: 0,
  ...more,
});
const chosen = (nodes: readonly KnownNode[], ageMs = MINUTE_MS, givenUp: readonly string[] = []) =>
  chooseReplicas({ takenAtMs: NOW - ageMs, nodes }, 'stream', givenUp, NOW).map(({ name }) => name);

describe('the replicas that pages can be read from', () => {
  it.each<[string, Partial<KnownNode>, boolean]>([
    ['ten seconds behind', { lagSeconds: 10 }, true],
    ['eleven seconds behind', { lagSeconds: 11 }, false],
    ['without a link', { linkUp: false }, false],
    ['of another primary', { replicationId: 'other' }, false],
    ['that is a primary', { role: 'primary' }, false],
  ])('one %s', (_, more, isChosen) => expect(chosen([node('a', more)])).toEqual(isChosen ? ['a'] : []));

  it('are the least behind first, then by name', () => {
    expect(chosen([node('c'), node('b', { lagSeconds: 2 }), node('a')])).toEqual(['a', 'c', 'b']);
  });

  it('are none where the record is older than ten minutes, is missing, or they were given up', () => {
    expect(chosen([node('a')], 10 * MINUTE_MS)).toEqual(['a']);
    expect(chosen([node('a')], 10 * MINUTE_MS + 1)).toEqual([]);
    expect(chosen([node('a')], MINUTE_MS, ['run-a'])).toEqual([]);
    expect(chooseReplicas(undefined, 'stream', [], NOW)).toEqual([]);
  });
});
