import { describe, expect, it } from 'vitest';
import type { KnownNode, StoreNodes } from '../../../../functions/records/store-nodes.ts';
import { countableIdle, primarySince } from '../../../../functions/sweep/keys/classify-key.ts';

const NOW = 1_700_000_000_000;
const HOUR = 3_600;

describe('the idle time that counts', () => {
  it.each([
    ['of a node that has been primary for longer', HOUR, NOW - 2 * HOUR * 1_000, HOUR],
    ['of a node that was promoted since', HOUR, NOW - 60_000, 60],
    ['of a node that is promoted right now', HOUR, NOW, 0],
    ['of a node whose promotion is ahead of this clock', HOUR, NOW + 60_000, 0],
    ['without a record', HOUR, undefined, undefined],
    ['of a store that keeps no idle times', undefined, NOW - HOUR * 1_000, undefined],
  ])('%s', (_, idleSeconds, sinceMs, expected) => expect(countableIdle(idleSeconds, sinceMs, NOW)).toBe(expected));
});

describe('since when a node has been primary', () => {
  const node: KnownNode = {
    name: 'a',
    host: 'a',
    port: 6_379,
    runId: 'run',
    replicationId: 'stream',
    role: 'primary',
    idleMark: '1/1699990000/lru',
    primarySinceMs: NOW - HOUR * 1_000,
  };
  const record = (change: Partial<KnownNode> = {}, takenAtMs = NOW - 60_000): StoreNodes => ({
    takenAtMs,
    nodes: [{ ...node, ...change }],
  });
  const asked = { runId: 'run', replicationId: 'stream', idleMark: '1/1699990000/lru' };

  it.each([
    ['is on record', record(), NOW - HOUR * 1_000],
    ['is unknown without a record', undefined, undefined],
    ['is unknown for another run of the server', record({ runId: 'before the restart' }), undefined],
    ['is unknown after it was demoted and promoted', record({ replicationId: 'before the failover' }), undefined],
    ['is unknown for a node that was a replica', { ...record(), nodes: [{ ...node, role: 'replica' }] } as StoreNodes, undefined],
    ['is unknown when a child process has run since', record({ idleMark: '0/1699990000/lru' }), undefined],
    ['is unknown when the collector has stopped', record({}, NOW - 11 * 60_000), undefined],
  ])('%s', (_, known, expected) => expect(primarySince(known, asked, NOW)).toBe(expected));
});
