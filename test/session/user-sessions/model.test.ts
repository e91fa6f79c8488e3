/** A share of the random histories, of which model.full.test.ts runs all, and proof that the model finds what is wrong. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RealStore, startStore } from '../../functions/sweep/real-store.ts';
import { adminOf } from './admin.ts';
import { type Admin, runHistories, seedsFrom } from './run-history.ts';
import type { Spoil } from './scheduled-client.ts';
import { type Client, connectClient } from './site.ts';

/** Some 2 s on an idle machine. */
const TIMEOUT_MS = 180_000;

let real: RealStore;
let clients: Client[];
let admin: Admin;
beforeAll(async () => {
  real = await startStore();
  clients = await Promise.all([connectClient(real.port), connectClient(real.port)]);
  admin = adminOf([real.redis]);
});
afterAll(async () => {
  for (const client of clients) client.destroy();
  await real.stop();
});

it('60 histories of logins, log-outs, late saves and servers that die: nothing that must not happen', {
  timeout: TIMEOUT_MS,
}, async () => {
  expect(await runHistories(seedsFrom(1, 60), clients, admin)).toEqual([]);
});

/** Each as a store or a middleware could do it, and some do. */
const SPOILED: Readonly<Record<string, readonly [Spoil, RegExp]>> = {
  'a save that does not ask whether the session exists': [
    (name, [key, value, options], client) =>
      name === 'set' ? client.set(key, value, { expiration: (options as { expiration: unknown }).expiration }) : undefined,
    /brought a session back|store and the model differ/,
  ],
  'a login that reads the list before it is in it': [
    (name, [list, id], client) => {
      if (name !== 'push') return undefined;
      return (async () => {
        const before = await client.lRange(list, 0, -1);
        await new Promise((resolve) => setImmediate(resolve));
        await client.multi().lPush(list, id).expire(list, 45_000).exec();
        return [1, [id, ...before.slice(0, -1)], 1];
      })();
    },
    /sessions live|not what lives/,
  ],
  'an end that leaves the session': [
    (name) => (name === 'del' ? Promise.resolve(1) : undefined),
    /store and the model differ|read a session/,
  ],
  'a member that is removed too early': [
    (name, [list, , id], client) => (name === 'exists' ? client.exists('none') : name === 'lRem' ? client.lRem(list, 0, id) : undefined),
    /sessions live|not what lives/,
  ],
  'a login that ends too many': [
    (name, [list, id], client) => {
      if (name !== 'push') return undefined;
      return (async () => {
        const reply = await client.multi().lPush(list, id).lRange(list, 0, -1).expire(list, 45_000).exec();
        return [reply[0], [...reply[1]].reverse(), reply[2]];
      })();
    },
    /ended one of the newest|does not live|not what lives|sessions live/,
  ],
  'a session that decides without knowing whether it lives': [
    (name) => (name === 'exists' ? Promise.resolve(1) : undefined),
    /ended a session after its own had ended/,
  ],
  'a list without a life': [
    (name, [list, id], client) => (name === 'push' ? client.multi().lPush(list, id).lRange(list, 0, -1).exec() : undefined),
    /a key has no TTL/,
  ],
};

describe('the model finds', () => {
  it.each(Object.entries(SPOILED))('%s', async (_, [spoil, message]) => {
    const found = await runHistories(seedsFrom(1, 100), clients, admin, spoil);
    expect(found.join('\n')).toMatch(message);
  });
});
