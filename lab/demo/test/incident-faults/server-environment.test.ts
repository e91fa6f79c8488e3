import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseEnvironmentFile } from '#local-aws/instances/unit-file.ts';
import { environmentChanger, removeScript, setScript } from '../../incident-faults/changes/server-environment.ts';

let folder: string;
let server: Server;
let before: string;
const file = () => path.join(folder, 'etc/instance.env');
const restarts = () => readFileSync(path.join(folder, 'restarts'), 'utf8').trim().split('\n').filter(Boolean).length;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'environment-'));
  mkdirSync(path.join(folder, 'etc'));
  mkdirSync(path.join(folder, 'bin'));
  writeFileSync(path.join(folder, 'bin/systemctl'), `#!/bin/sh\necho "$@" >>"${folder}/restarts"\n`);
  chmodSync(path.join(folder, 'bin/systemctl'), 0o755);
  writeFileSync(path.join(folder, 'restarts'), '');
  server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  before = `HOST="127.0.0.1"\nPORT="${(server.address() as AddressInfo).port}"\nSESSION_STORE_PORT="6379"\n`;
  writeFileSync(file(), before);
});
afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

const run = (script: string) =>
  execFileSync('/bin/sh', ['-c', script], {
    env: { PATH: `${folder}/bin:${process.env['PATH']}`, HOLDFAST_ROOT: folder },
    timeout: 120_000,
  });

describe('the environment of a server', () => {
  it('gets the variables of a fault, the last one counting, and is byte for byte as before once it is cleared', () => {
    run(setScript('one', { SESSION_STORE_PORT: '1', COUNTER_ROUTE: '{server}' }, { server: 'i-0123' }));
    run(setScript('one', { COUNTER_ROUTE: 'other' }, { server: 'i-0123' }));
    run(setScript('two', { COUNTER_NO_TTL: 'true' }, { server: 'i-0123' }));
    expect(parseEnvironmentFile(readFileSync(file(), 'utf8'))).toMatchObject({
      HOST: '127.0.0.1',
      SESSION_STORE_PORT: '1',
      COUNTER_ROUTE: 'other',
      COUNTER_NO_TTL: 'true',
    });
    run(removeScript('two'));
    expect(readFileSync(file(), 'utf8')).not.toContain('COUNTER_NO_TTL');
    run(removeScript('one'));
    expect(readFileSync(file(), 'utf8')).toBe(before);
    expect(restarts()).toBe(5);
  });

  it('is left alone, without a restart, when it has nothing of the fault', () => {
    run(removeScript('one'));
    expect(readFileSync(file(), 'utf8')).toBe(before);
    expect(restarts()).toBe(0);
  });

  it('is put back on servers that still run, and not on replaced ones', async () => {
    const ran: string[] = [];
    let ids = ['i-1', 'i-2'];
    const changer = environmentChanger({ list: async () => ids, run: async (id) => void ran.push(id) });
    const change = { kind: 'environment', servers: 'all', variables: {} } as const;
    const prepared = await changer.prepare(change);
    expect(prepared).toEqual({ instanceIds: ['i-1', 'i-2'] });
    expect(await changer.prepare({ ...change, servers: 'first' })).toEqual({ instanceIds: ['i-1'] });
    expect(await changer.prepare({ ...change, servers: 'rest' })).toEqual({ instanceIds: ['i-2'] });
    ids = ['i-2', 'i-3'];
    await changer.restore(prepared, 'one');
    expect(ran).toEqual(['i-2']);
    ids = [];
    await expect(changer.prepare(change)).rejects.toThrow('no server that runs; nothing was changed');
  });
});
