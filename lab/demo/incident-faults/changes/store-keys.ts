/** Keys that a fault brings into the store, and what its sessions leave there. */

import type { AdminConnection } from '#local-aws/elasticache/nodes/admin-connection.ts';
import { parseInfo } from '../../../../functions/shared/store/parse-info.ts';
import { CannotSet, type ChangeOf, type Changer } from '../contract.ts';
import type { StoreAdmin } from './store-admin.ts';

type Planted = ChangeOf<'storeKeys'>['keys'];

/** Sets of Spring Session, which never expire: one per user, with the ids of the sessions that the user ever had. */
const INDEX = 'spring:session:index:org.springframework.session.FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME:planted-';
/** A prefix that no session framework uses: that of a cache of pages. */
const OTHER = 'planted-cache:page:';

/** The filled share of the memory that the node may use: above the alarm, and below the limit at which it deletes sessions. */
const FULL_SHARE = 0.8;
/**
 * Sizes of the planted keys. A string of this size and a set of this number of members take about the same memory: a member of 64 bytes
 * takes some 110 in a set.
 */
const OTHER_BYTES = 100_000;
const MEMBERS = 900;
/** Keys that are written between two checks of the memory. */
const BATCH = 20;
/** 500 MB: a node with more needs another way. */
const MOST_KEYS = 5_000;
const PREFIX: Readonly<Record<Planted, string>> = { index: INDEX, other: OTHER };

export function storeKeysChanger(store: StoreAdmin): Changer<'storeKeys'> {
  return {
    async prepare({ keys }) {
      await store.primary();
      return { prefix: PREFIX[keys] };
    },
    async apply({ keys }, before) {
      await store.on(await store.primary(), async (connection) => {
        for (let number = 0; number < MOST_KEYS; number += 1) {
          if (number % BATCH === 0 && (await usedShare(connection)) >= FULL_SHARE) return;
          await connection.command(...plant(keys, number));
        }
      });
      return before;
    },
    async restore({ prefix }) {
      await store.on(await store.primary(), (connection) =>
        eachKey(connection, `${prefix}*`, async (key) => void (await connection.command('UNLINK', key))),
      );
    },
  };
}

/** The share of its memory limit that the node uses. @throws CannotSet without one */
async function usedShare(connection: AdminConnection): Promise<number> {
  const info = parseInfo(String(await connection.command('INFO', 'memory')));
  const [used, most] = [Number(info.get('used_memory')), Number(info.get('maxmemory'))];
  if (!(most > 0)) throw new CannotSet('the node has no limit of memory');
  return used / most;
}

function plant(keys: Planted, number: number): readonly string[] {
  if (keys === 'other') return ['SET', `${OTHER}${number}`, 'x'.repeat(OTHER_BYTES)];
  const member = (index: number) => `planted-${number}-${index}`.padEnd(64, '0');
  return ['SADD', `${INDEX}${number}`, ...Array.from({ length: MEMBERS }, (_, index) => member(index))];
}

/** What an application gives a session in the local cloud, and what its largest sessions have without a fault. */
const LIFE_SECONDS = 1_800;
const LARGE_BYTES = 32_768;

/** Users of the local cloud come back every few seconds. */
const IDLE_SECONDS = 10;
/**
 * The time to live that a session gets that seems to be in use. A runbook that reads it makes it seem so as well; only a request gives it the
 * whole life, and so shows that a user has it.
 */
const LEFT_SECONDS = LIFE_SECONDS - IDLE_SECONDS;

/** Sessions of the local cloud are objects of JSON; the servers answer 500 to the users of any other, who come back with the same cookie. */
const FIRST_CHARACTER = '{';

/**
 * Sessions that a fault left without an expiry get one if they are in use; those that nobody uses, that the fault made large, or
 * that it stored in another format, are deleted: they would be in the sample of every later runbook.
 */
export function sessionsChanger(store: StoreAdmin): Changer<'sessions'> {
  return {
    prepare: async () => ({}),
    apply: async (_change, before) => before,
    async restore() {
      await store.on(await store.primary(), (connection) =>
        eachKey(connection, 'sess:*', async (key) => {
          const [ttl, bytes] = [await connection.command('TTL', key), await connection.command('STRLEN', key)];
          const isReadable = (await connection.command('GETRANGE', key, '0', '0')) === FIRST_CHARACTER;
          if (Number(bytes) >= LARGE_BYTES || !isReadable) await connection.command('UNLINK', key);
          else if (ttl === -1) {
            const idle = await connection.command('OBJECT', 'IDLETIME', key);
            await (Number(idle) >= IDLE_SECONDS ? connection.command('UNLINK', key) : connection.command('EXPIRE', key, LEFT_SECONDS));
          }
        }),
      );
    },
  };
}

/**
 * Deletes sessions that nobody uses now: visitors of an earlier fault have left them. Each request gives its session the whole life again,
 * while the store's own idle time begins anew when a runbook reads a sample of the sessions.
 */
export async function deleteIdleSessions(store: StoreAdmin): Promise<void> {
  await store.on(await store.primary(), (connection) =>
    eachKey(connection, 'sess:*', async (key) => {
      const ttl = Number(await connection.command('TTL', key));
      if (ttl <= LEFT_SECONDS) await connection.command('UNLINK', key);
    }),
  );
}

const PAGE = 500;

async function eachKey(connection: AdminConnection, pattern: string, use: (key: string) => Promise<void>): Promise<void> {
  let cursor = '0';
  do {
    const [next, keys] = (await connection.command('SCAN', cursor, 'MATCH', pattern, 'COUNT', PAGE)) as [string, string[]];
    cursor = next;
    await Promise.all(keys.map(use));
  } while (cursor !== '0');
}
