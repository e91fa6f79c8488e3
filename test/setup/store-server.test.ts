import { rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findStoreServers } from '../../setup/find-store-server.mjs';
import { storeServerMissing } from '../../setup/store-server.mjs';
import { makeFolder, writeProgram } from './fake-programs.ts';

describe('finding the store server', () => {
  let folder: string;
  const write = (name: string, printed: string) => writeProgram(folder, name, `echo '${printed}'`);
  beforeEach(() => {
    folder = makeFolder();
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('takes Redis 7', () => {
    const path = write('redis-server', 'Redis server v=7.0.15 sha=00000000:0');
    expect(findStoreServers({}, [folder])).toEqual({ servers: [{ path, version: '7.0.15', engine: 'redis' }] });
  });

  it('prefers Valkey, and lists the first of each engine with the tool next to it', () => {
    const redis = write('redis-server', 'Redis server v=7.0.15 sha=00000000:0');
    const valkey = write('valkey-server', 'Valkey server v=8.1.1 sha=00000000:0');
    const cli = write('valkey-cli', 'valkey-cli 8.1.1');
    expect(findStoreServers({}, [folder, folder]).servers).toEqual([
      { path: valkey, version: '8.1.1', engine: 'valkey', cli },
      { path: redis, version: '7.0.15', engine: 'redis' },
    ]);
  });

  it('prefers what HOLDFAST_STORE_SERVER names, and still finds the other engine', () => {
    const redis = write('mine', 'Redis server v=7.2.4 sha=00000000:0');
    write('redis-server', 'Redis server v=7.0.15 sha=00000000:0');
    const valkey = write('valkey-server', 'Valkey server v=8.1.1 sha=00000000:0');
    expect(findStoreServers({ HOLDFAST_STORE_SERVER: redis }, [folder]).servers.map(({ path }) => path)).toEqual([redis, valkey]);
  });

  it('distinguishes an old server from none', () => {
    const path = write('redis-server', 'Redis server v=6.0.16 sha=00000000:0');
    expect(findStoreServers({}, [folder])).toEqual({ servers: [], old: { path, version: '6.0.16', engine: 'redis' } });
    expect(findStoreServers({}, [])).toEqual({ servers: [] });
  });

  it('explains in one sentence what to install on Debian, Fedora and macOS', () => {
    expect(storeServerMissing(undefined, 'no network').message).toBe(
      'Holdfast needs valkey-server or redis-server 7 or newer, and neither was found on PATH, and set-up could not bring one (no network): ' +
        'install it with `sudo apt-get install valkey-server` or `redis-server` (Debian, Ubuntu), `sudo dnf install valkey` (Fedora) ' +
        'or `brew install valkey` (macOS), or set HOLDFAST_STORE_SERVER to the path of one, then start again.',
    );
    expect(storeServerMissing({ path: '/x/redis-server', engine: 'redis', version: '6.0.16' }).message).toContain(
      'and /x/redis-server is redis 6.0.16: install',
    );
  });

  it('quotes HOLDFAST_STORE_SERVER when it names something else', () => {
    write('redis-server', 'Redis server v=7.0.15 sha=00000000:0');
    expect(() => findStoreServers({ HOLDFAST_STORE_SERVER: '/nowhere' }, [folder])).toThrow(
      'HOLDFAST_STORE_SERVER is /nowhere, which is not a valkey-server or redis-server that runs: set it to',
    );
    const old = write('mine', 'Redis server v=6.2.0 sha=00000000:0');
    expect(() => findStoreServers({ HOLDFAST_STORE_SERVER: old }, [folder])).toThrow(
      `HOLDFAST_STORE_SERVER is ${old}, which is redis 6.2.0`,
    );
  });
});
