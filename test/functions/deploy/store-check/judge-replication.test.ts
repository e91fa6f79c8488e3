import { describe, expect, it } from 'vitest';
import { judgeReplication } from '../../../../functions/deploy/store-check/store-check.ts';

const replica = (state = 'online', offset = 5_000_000, lag = 0) =>
  `ip=10.0.0.2,port=6379,state=${state},offset=${offset},lag=${lag},type=replica`;
const info = (...replicas: string[]) =>
  [
    '# Replication',
    'role:master',
    `connected_slaves:${replicas.length}`,
    ...replicas.map((text, index) => `slave${index}:${text}`),
    'master_replid:8f3c',
    'master_repl_offset:5000000',
    '',
  ].join('\r\n');

describe('judgeReplication', () => {
  it.each([
    { title: 'a primary without replicas when none is wanted', text: info(), wanted: 0, replicas: 0 },
    { title: 'replicas that are in sync', text: info(replica(), replica('online', 4_500_000, 10)), wanted: 2, replicas: 2 },
    { title: 'more replicas than are wanted, one of them loading', text: info(replica('wait_bgsave'), replica()), wanted: 1, replicas: 1 },
  ])('accepts $title', ({ text, wanted, replicas }) => {
    expect(judgeReplication(text, wanted)).toEqual({ replicas, replicationId: '8f3c' });
  });

  it.each([
    {
      title: 'a replica that is missing',
      text: info(replica()),
      wanted: 2,
      message: '1 of 2 replicas of the session store are in sync; a failover',
    },
    { title: 'a replica that is loading', text: info(replica('send_bulk')), wanted: 1, message: 'slave0 is send_bulk' },
    {
      title: 'a replica that is silent',
      text: info(replica('online', 5_000_000, 11)),
      wanted: 1,
      message: 'slave0 last acknowledged 11 s ago',
    },
    { title: 'a replica that is behind', text: info(replica('online', 1)), wanted: 1, message: 'slave0 is 4999999 bytes behind' },
    {
      title: 'a replica whose line lacks its offset',
      text: info('ip=10.0.0.2,port=6379,state=online,lag=0'),
      wanted: 1,
      message: 'slave0 is NaN bytes behind',
    },
  ])('throws ReplicasOutOfSync on $title', ({ text, wanted, message }) => {
    expect(() => judgeReplication(text, wanted)).toThrow(
      expect.objectContaining({ name: 'ReplicasOutOfSync', message: expect.stringContaining(message) }),
    );
  });

  it.each([
    ['role:slave\r\n', 'answers as slave'],
    ['', 'a node without a role'],
  ])('throws StoreUnavailable when the node is no primary: %j', (text, message) => {
    expect(() => judgeReplication(text, 0)).toThrow(
      expect.objectContaining({ name: 'StoreUnavailable', message: expect.stringContaining(message) }),
    );
  });
});
