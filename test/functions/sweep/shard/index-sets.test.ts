/** The end of the search for dead members, with a set in memory in place of a store. */
import type { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { DEFAULT_SWEEP_SETTINGS } from '../../../../functions/sweep/contract/settings.ts';
import { createClassify } from '../../../../functions/sweep/keys/classify-key.ts';
import { createProgress, newCheckpoint } from '../../../../functions/sweep/progress.ts';
import { createIndexSets } from '../../../../functions/sweep/shard/index-sets.ts';
import type { PacedNode } from '../../../../functions/sweep/shard/paced-node.ts';
import { memorySweepRecords } from '../../fakes/memory-sweep-records.ts';
import { hashId, SHARD } from '../run-sweep.ts';

const SET = 'spring:session:index:org.springframework.session.FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME:ann';
const ALIVE = '00000000-0000-4000-8000-000000000001';
const DEAD = '00000000-0000-4000-8000-000000000002';

/** One index set, of whose members one has a session. */
function storeOf(members: Set<string>): Redis {
  const pipeline = () => {
    const replies: unknown[] = [];
    const answers = (reply: unknown) => {
      replies.push(reply);
      return commands;
    };
    const commands = {
      // The first of the forms of an id is the plain one.
      callBuffer: () => answers([Buffer.from('0'), replies.length === 0 ? [...members].map((id) => Buffer.from(id)) : []]),
      exists: (session: Buffer) => answers(session.toString().endsWith(ALIVE) ? 1 : 0),
      srem: (_key: Buffer, member: Buffer) => answers(members.delete(member.toString()) ? 1 : 0),
      exec: async () => replies.map((reply) => [null, reply]),
    };
    return commands;
  };
  return { pipeline } as unknown as Redis;
}

function search(members: Set<string>) {
  const link = { redis: storeOf(members), run: (work: () => Promise<unknown>) => work() };
  const writer = { link, work: (_keys: number, run: () => Promise<unknown>) => run(), pauseMs: () => 0 } as unknown as PacedNode;
  const progress = createProgress({ records: memorySweepRecords(), now: Date.now }, SHARD, newCheckpoint('sweep-1'));
  const pauses: number[] = [];
  const ports = { hashId, pause: async (ms: number) => void pauses.push(ms) };
  const classify = createClassify(DEFAULT_SWEEP_SETTINGS);
  return { progress, pauses, sets: createIndexSets({ classify, dryRun: false, isOver: () => false, ports }, progress, writer) };
}

it('a sweep that ends directly after a search waits, and removes the dead members that it found', async () => {
  const members = new Set([ALIVE, DEAD]);
  const { sets, progress, pauses } = search(members);
  const { parts, tally } = progress.checkpoint;
  await sets.search([{ key: Buffer.from(SET), type: 'set', bytes: undefined, idleSeconds: undefined }], { parts, tally }, []);
  expect([...members]).toEqual([ALIVE, DEAD]);
  expect(await sets.finish()).toBe(true);
  expect([...members]).toEqual([ALIVE]);
  expect(progress.checkpoint.tally.reconciled).toBe(1);
  // The settle time, less what has passed since the search.
  expect(pauses).toHaveLength(1);
  expect(pauses[0]).toBeLessThanOrEqual(2_000);
});

it('a sweep that found no index set ends at once', async () => {
  const { sets, pauses } = search(new Set());
  expect([await sets.finish(), pauses]).toEqual([true, []]);
});
