/** As the user that a created store has for the fleet's application: its keys alone, no SCAN, no KEYS, over TLS. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FleetStore, startFleetStore } from './fleet-store.ts';
import { runHistories, seedsFrom } from './run-history.ts';
import { type Client, createSite } from './site.ts';

let store: FleetStore;
let clients: Client[];
beforeAll(async () => {
  store = await startFleetStore();
  clients = [await store.connect(), await store.connect()];
});
afterAll(() => store.stop());

it('40 histories: everything that sessions need is permitted', async () => {
  expect(await runHistories(seedsFrom(20_001, 40), clients, store.admin)).toEqual([]);
});

describe('the same user', () => {
  it('cannot list keys, and has no key of another fleet', async () => {
    const [client] = clients as [Client];
    await expect(client.keys('*')).rejects.toThrow('NOPERM');
    await expect(client.scan('0')).rejects.toThrow('NOPERM');
    await expect(client.get('sess:bank:x')).rejects.toThrow('NOPERM');
  });

  it('with the prefix of another fleet gets an error without an id', async () => {
    const other = createSite(clients[0], { store: { prefix: 'sess:bank:' } });
    const id = 'an-id-of-a-session';
    await expect(other.store.get(id)).rejects.toThrow(expect.objectContaining({ message: expect.not.stringContaining(id) }));
    await expect(other.users.endAll('ann')).rejects.toThrow(expect.objectContaining({ message: expect.not.stringContaining('ann') }));
  });
});
