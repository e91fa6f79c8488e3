/** As the user that a created store has for the fleet's application: its keys alone, no SCAN, no KEYS, over TLS. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applicationAccess } from '../../../infra/constructs/store/access-strings.ts';
import { type RealStore, startTlsStore } from '../../functions/sweep/real-store.ts';
import { makeTls, type StoreTls } from '../../functions/sweep/store-tls.ts';
import { adminOf } from './admin.ts';
import { runHistories, seedsFrom } from './run-history.ts';
import { type Client, connectClient, createSite, PREFIX } from './site.ts';

let tls: StoreTls;
let real: RealStore;
const clients: Client[] = [];
beforeAll(async () => {
  tls = await makeTls();
  real = await startTlsStore(tls);
  const access = applicationAccess({ keyPrefix: PREFIX, channels: [] }, [0]).split(' ');
  await real.redis.call('ACL', 'SETUSER', 'shop', '>a-password', ...access);
  for (let number = 1; number <= 2; number += 1)
    clients.push(await connectClient(real.port, { socket: { tls: true, ca: tls.caPem }, username: 'shop', password: 'a-password' }));
});
afterAll(async () => {
  for (const client of clients) client.destroy();
  await real.stop();
  tls.remove();
});

it('40 histories: everything that sessions need is permitted', async () => {
  expect(await runHistories(seedsFrom(20_001, 40), clients, adminOf([real.redis]))).toEqual([]);
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
