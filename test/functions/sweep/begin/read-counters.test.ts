/** What a store's own counters say, with answers of INFO in place of a store. */
import type { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { readCounters } from '../../../../functions/sweep/begin/read-counters.ts';

const SERVER = '# Server\r\nredis_mode:standalone\r\n# Replication\r\nrole:master\r\n';

async function countersOf(...answers: readonly string[]) {
  let read = 0;
  let open = 0;
  const info = async () => answers[Math.min(read++, answers.length - 1)] as string;
  const connect = async () => {
    open += 1;
    const disconnect = () => {
      open -= 1;
    };
    return { info, disconnect } as unknown as Redis;
  };
  try {
    const isClean = ({ counts }: { counts: readonly { keys: number; expires: number }[] }) =>
      counts.every((one) => one.keys === one.expires);
    return await readCounters(connect, isClean, async () => {});
  } finally {
    expect(open).toBe(0);
  }
}

it('are none of a store that is empty', async () => {
  expect(await countersOf(`${SERVER}# Keyspace\r\n`)).toEqual({ counts: [], primaries: 1 });
});

it('are unknown of a store that does not report them: it is not taken for an empty one', async () => {
  await expect(countersOf(SERVER)).rejects.toMatchObject({ name: 'CountersUnknown', message: expect.stringContaining('does not report') });
});

it('are unknown of a replica', async () => {
  await expect(countersOf(`${SERVER.replace('master', 'slave')}# Keyspace\r\n`)).rejects.toMatchObject({ name: 'CountersUnknown' });
});

it('are the lowest of three readings', async () => {
  const withKeys = (keys: number, expires: number) => `${SERVER}# Keyspace\r\ndb0:keys=${keys},expires=${expires},avg_ttl=0\r\n`;
  const { counts } = await countersOf(withKeys(9, 6), withKeys(9, 8), withKeys(9, 7));
  expect(counts).toMatchObject([{ database: 0, keys: 9, expires: 8 }]);
});
