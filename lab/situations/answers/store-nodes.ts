/** The store's nodes as a client meets them: INFO, and the commands by which a sample of keys is read. */
import type { Redis } from 'ioredis';
import type { StoreNode } from '../../../functions/collect/collect.ts';
import type { Random } from '../world/random.ts';
import { hexOf } from '../world/random.ts';
import type { World } from '../world/simulate.ts';
import { REFUSALS, type Store } from '../world/store.ts';
import { NOW_MS } from '../world/timeline.ts';

export const HOST = 'master.sessions.abc123.euw1.cache.amazonaws.com';
const nodeName = (node: 1 | 2): string => `sessions-00${node}.sessions.abc123.euw1.cache.amazonaws.com:6379`;

/** @param atMs of each call */
export function endpointOf(store: Store, atMs: () => number): StoreNode {
  return { name: `${HOST}:6379`, host: HOST, port: 6379, info: () => infoOf(store, store.primaryNode(atMs()), atMs()) };
}

export function nodesOf(store: Store, atMs: () => number): readonly StoreNode[] {
  const nodes: readonly (1 | 2)[] = store.hasReplica ? [1, 2] : [1];
  return nodes.map((node) => ({ name: nodeName(node), host: nodeName(node), port: 6379, info: () => infoOf(store, node, atMs()) }));
}

async function infoOf(store: Store, node: 1 | 2, atMs: number): Promise<string> {
  const trouble = store.troubleForCollector(node === store.primaryNode(atMs) ? 'primary' : 'replica', atMs);
  const refusal = trouble && REFUSALS[trouble.is];
  if (refusal !== undefined) throw new Error(refusal);
  return store.info(node, atMs);
}

interface Key {
  readonly name: string;
  readonly type: 'string' | 'hash' | 'list' | 'set';
  readonly ttlMs: number;
  readonly idleSeconds: number;
  readonly bytes: number;
  readonly text: string;
}

/** As many as a sample can have. */
const MOST_KEYS = 6_000;

function keysOf({ store, random }: World): readonly Key[] {
  const live = store.live(NOW_MS);
  const groups = store.otherKeys(NOW_MS);
  const all = live.length + groups.reduce((sum, { count }) => sum + count, 0);
  const part = Math.min(1, MOST_KEYS / Math.max(1, all));
  const sessions = live
    .filter(() => part === 1 || random() < part)
    .map((session): Key => {
      const ttlMs = Math.max(1_000, Math.min(session.lastMs + session.lifeMs, session.diesMs) - NOW_MS);
      return sessionKey(session.id, {
        ttlMs,
        idleSeconds: Math.round((NOW_MS - session.lastMs) / 1_000),
        bytes: 1_800,
        lifeMs: session.lifeMs,
      });
    });
  const others = groups.flatMap((group) => Array.from({ length: Math.round(group.count * part) }, () => keyOf(group, random)));
  return [...sessions, ...others];
}

interface Life {
  readonly ttlMs: number;
  readonly idleSeconds: number;
  readonly bytes: number;
  readonly lifeMs: number;
}

const sessionKey = (id: string, { ttlMs, idleSeconds, bytes, lifeMs }: Life): Key => ({
  ...{ name: `sess:web:${id}`, type: 'string', ttlMs, idleSeconds, bytes },
  text: JSON.stringify({
    cookie: { originalMaxAge: Math.round(lifeMs), expires: new Date(NOW_MS + lifeMs).toISOString(), httpOnly: true, path: '/' },
    user: 'u',
  }),
});

function keyOf({ kind, bytes, ttlSeconds, idleSeconds }: ReturnType<Store['otherKeys']>[number], random: Random): Key {
  const id = hexOf(random, 24);
  const ttlMs = ttlSeconds === null ? -1 : Math.max(1, Math.round(ttlSeconds * 1_000 * (0.5 + random() / 2)));
  const common = { ttlMs, idleSeconds, bytes, text: '' };
  if (kind === 'sessions') return sessionKey(id, { ttlMs, idleSeconds, bytes, lifeMs: (ttlSeconds ?? 1_800) * 1_000 });
  if (kind === 'index')
    return {
      ...common,
      name: `spring:session:index:org.springframework.session.FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME:${id}`,
      type: 'set',
    };
  if (kind === 'queue') return { ...common, name: `bull:mail:${id}`, type: 'list' };
  return { ...common, name: `catalogue:page:${id}`, type: 'string', text: `<html>${id}</html>` };
}

/** A connection to the primary. Its errors are the engine's. */
export function connectionTo(world: World): Redis {
  const keys = keysOf(world);
  const byName = new Map(keys.map((key) => [key.name, key]));
  const of = (name: Buffer | string) => byName.get(name.toString());
  const commands: Readonly<Record<string, (...args: never[]) => unknown>> = {
    type: (name: Buffer) => of(name)?.type ?? 'none',
    pttl: (name: Buffer) => of(name)?.ttlMs ?? -2,
    object: (what: string, name: Buffer) => (what === 'IDLETIME' ? (of(name)?.idleSeconds ?? 0) : 'raw'),
    exists: (name: Buffer) => (of(name) ? 1 : 0),
    hstrlen: () => 0,
    hgetBuffer: () => null,
    call: (command: string, _: string, name: Buffer) => (command === 'MEMORY' ? (of(name)?.bytes ?? null) : 'OK'),
    getrangeBuffer(name: Buffer, from: number, to: number) {
      const key = of(name);
      if (key?.type !== 'string') throw new Error('WRONGTYPE Operation against a key holding the wrong kind of value');
      return Buffer.from(from < 0 ? key.text.slice(from) : key.text.slice(from, to + 1));
    },
  };
  const PAGE = 100;
  const connection = {
    call: async () => 'OK',
    callBuffer: async () => Promise.reject(new Error("ERR unknown command 'EVAL_RO'")),
    async scanBuffer(cursor: string) {
      const from = Number(cursor);
      const next = from + PAGE >= keys.length ? '0' : String(from + PAGE);
      return [Buffer.from(next), keys.slice(from, from + PAGE).map(({ name }) => Buffer.from(name))];
    },
    disconnect: () => {},
    pipeline: () => pipelineOf(commands),
  };
  return connection as unknown as Redis;
}

function pipelineOf(commands: Readonly<Record<string, (...args: never[]) => unknown>>): object {
  const replies: [Error | null, unknown][] = [];
  const pipeline: Record<string, unknown> = {
    exec: async () => replies,
    get length() {
      return replies.length;
    },
  };
  for (const [name, command] of Object.entries(commands)) {
    pipeline[name] = (...args: never[]) => {
      try {
        replies.push([null, command(...args)]);
      } catch (error) {
        replies.push([error as Error, undefined]);
      }
      return pipeline;
    };
  }
  return pipeline;
}
