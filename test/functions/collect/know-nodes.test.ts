import { expect, it } from 'vitest';
import { type AddressedSample, knowNodes } from '../../../functions/collect/collect.ts';
import { readNode } from '../../../functions/collect/read-node.ts';
import { primaryInfo, replicaInfo } from './info.ts';

const primary = (fields = {}): AddressedSample => ({ ...readNode('a:1', primaryInfo(fields)), host: 'a', port: 1 });
const replica = (fields = {}): AddressedSample => ({ ...readNode('b:1', replicaInfo(fields)), host: 'b', port: 1 });
const primaryOf = (known: ReturnType<typeof knowNodes>) => known.nodes.find(({ role }) => role === 'primary');

it('knows address, run, role and replication of each node that answered', () => {
  expect(knowNodes([primary(), replica()], undefined, 9_000)).toEqual({
    takenAtMs: 9_000,
    nodes: [
      {
        name: 'a:1',
        host: 'a',
        port: 1,
        runId: 'a'.repeat(40),
        role: 'primary',
        replicationId: 'c'.repeat(40),
        idleMark: '//lru',
        primarySinceMs: 9_000,
      },
      {
        name: 'b:1',
        host: 'b',
        port: 1,
        runId: 'b'.repeat(40),
        role: 'replica',
        replicationId: 'c'.repeat(40),
        idleMark: '//lru',
        linkUp: true,
        lagBytes: 100,
        lagSeconds: 3,
      },
    ],
  });
});

it('keeps the time of the first reading of a primary', () => {
  expect(primaryOf(knowNodes([primary()], knowNodes([primary()], undefined, 1_000), 61_000))).toMatchObject({ primarySinceMs: 1_000 });
});

it.each<[string, object]>([
  ['the server has started again', { run_id: 'd'.repeat(40) }],
  ['a child process has run', { total_forks: '1' }],
  ['a child process is running', { rdb_bgsave_in_progress: '1' }],
  ['the eviction policy was LFU', { maxmemory_policy: 'allkeys-lfu' }],
  ['the node was demoted and promoted between two readings', { master_replid: 'd'.repeat(40) }],
])('starts anew when %s', (_title, fields) => {
  expect(primaryOf(knowNodes([primary(fields)], knowNodes([primary()], undefined, 1_000), 61_000))).toMatchObject({
    primarySinceMs: 61_000,
  });
});

it('starts anew with a replica that was promoted', () => {
  const before = knowNodes([primary(), replica()], undefined, 1_000);
  const promoted: AddressedSample = { ...replica(), role: 'primary', replicationId: 'd'.repeat(40) };
  expect(primaryOf(knowNodes([promoted], before, 61_000))).toMatchObject({ primarySinceMs: 61_000 });
});

it('starts anew when the clock has jumped back', () => {
  expect(primaryOf(knowNodes([primary()], knowNodes([primary()], undefined, 90_000), 61_000))).toMatchObject({ primarySinceMs: 61_000 });
});

it.each<[string, object, object]>([
  [
    'lacks nothing, however long ago its primary last wrote',
    { slave_repl_offset: 5_000, master_last_io_seconds_ago: 9 },
    { lagBytes: 0, lagSeconds: 0 },
  ],
  ['has no link', { master_link_status: 'down', master_last_io_seconds_ago: -1 }, { linkUp: false, lagBytes: 100 }],
])('reports a replica that %s', (_title, fields, expected) => {
  expect(knowNodes([primary(), replica(fields)], undefined, 0).nodes[1]).toMatchObject(expected);
});

it('does not know the lag of a replica whose primary did not answer', () => {
  const [known] = knowNodes([replica()], undefined, 0).nodes;
  expect(known).not.toHaveProperty('lagBytes');
  expect(known).not.toHaveProperty('lagSeconds');
});
