/** `systemctl status PID`, by which a script finds the service that a process belongs to. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Supervisor } from '../../instances/supervisor.ts';

let folder: string;
let supervisor: Supervisor;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-status-'));
  const environment = { PATH: process.env['PATH'] ?? '/usr/bin:/bin' };
  supervisor = new Supervisor({ unitFolder: folder, logFolder: folder, environment, ledger: undefined, log: () => {} });
});
afterEach(async () => {
  await supervisor.stopAll();
  rmSync(folder, { recursive: true, force: true });
});

it.skipIf(process.platform !== 'linux')('names the service of its process and of those that it started, and no other', async () => {
  writeFileSync(join(folder, 'shop.service'), "[Service]\nExecStart=/bin/sh -c 'sleep 60 & wait'\n");
  await supervisor.systemctl(['start', 'shop']);
  const { stdout = '' } = await supervisor.systemctl(['show', '--property=MainPID', 'shop.service']);
  const main = /\d+/.exec(stdout)?.[0] as string;
  const unitOf = async (pid: string) => (await supervisor.systemctl(['status', '--no-pager', '--lines=0', pid])).stdout?.split('\n')[0];
  expect(await unitOf(main)).toBe('shop.service');
  const children = readFileSync(`/proc/${main}/task/${main}/children`, 'utf8').trim();
  for (const child of children === '' ? [] : children.split(' ')) expect(await unitOf(child)).toBe('shop.service');
  const other = await supervisor.systemctl(['status', String(process.pid)]);
  expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining('does not belong to any loaded unit') });
});
