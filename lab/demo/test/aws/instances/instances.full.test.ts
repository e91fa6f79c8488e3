import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { release } from '#local-aws/test/instances/fixture-release.ts';
import { plainUserData } from '../../../../../test/server/documents/unpack.ts';
import { until } from '../../../../../test/until.ts';
import { startFleet, type TestFleet, USER_DATA } from './test-fleet.ts';

let fleet: TestFleet;
beforeAll(async () => {
  fleet = await startFleet();
}, 20_000);
afterAll(() => fleet.stop());

const folderOf = (instanceId: string): string => fleet.instances.get(instanceId)?.folder ?? '';

function shim(instanceId: string, ...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(join(folderOf(instanceId), 'bin/systemctl'), args, { env: { ...fleet.instances.get(instanceId)?.environment } });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

describe('a local machine', () => {
  it('boots with the user data, is online then, and can be booted again by the same script', async () => {
    const { instanceId, port } = await fleet.launch({ tags: { 'holdfast:fleet': 'web' } });
    expect(fleet.instances.get(instanceId)).toMatchObject({ online: true, agentVersion: '3.3.4000.0', tags: { 'holdfast:fleet': 'web' } });
    const environment = readFileSync(join(folderOf(instanceId), 'opt/holdfast/etc/instance.env'), 'utf8');
    expect(environment).toContain(`PORT="${port}"`);
    expect(environment).toContain('SESSION_STORE_HOST="store.local"');
    const skipped = readFileSync(join(folderOf(instanceId), 'var/log/skipped-commands.log'), 'utf8');
    expect(skipped).toContain('useradd --system');
  });

  it('takes user data in base64 and without any, and is online although its script failed', async () => {
    const plain = await fleet.launch({ userData: Buffer.from('#!/bin/bash\nexit 7\n').toString('base64') });
    const none = await fleet.launch({ userData: '' });
    expect(fleet.instances.get(plain.instanceId)?.online).toBe(true);
    expect(fleet.instances.get(none.instanceId)?.online).toBe(true);
  });

  it('is found by its id and by its private address, until it is terminated', async () => {
    const { instanceId, port } = await fleet.launch({ userData: '' });
    const folder = folderOf(instanceId);
    const described = fleet.instances.describe().find((each) => each.instanceId === instanceId);
    expect(fleet.instances.resolve(instanceId, 8080)).toEqual({ host: '127.0.0.1', port });
    expect(fleet.instances.resolve(described?.privateIp ?? '', 8080)).toEqual({ host: '127.0.0.1', port });
    await fleet.instances.terminate(instanceId);
    expect(fleet.instances.resolve(instanceId, 8080)).toBeUndefined();
    expect(fleet.instances.get(instanceId)).toBeUndefined();
    expect(existsSync(folder)).toBe(false);
    await fleet.instances.terminate(instanceId);
  });

  it("gives a service the machine's environment and nothing of the host's, and restarts it when it is killed", async () => {
    process.env['HOLDFAST_TEST_LEAK'] = 'leaked';
    // Sooner than on a server.
    const { instanceId, port } = await fleet.launch({
      userData: plainUserData(USER_DATA).replaceAll('RestartSec=1\n', 'RestartSec=300ms\n'),
    });
    await fleet.install(instanceId, '1.0.0', await release());
    const environment = (await (await fetch(`http://127.0.0.1:${port}/environment`)).json()) as Record<string, string>;
    delete process.env['HOLDFAST_TEST_LEAK'];
    expect(environment['HOLDFAST_TEST_LEAK']).toBeUndefined();
    expect(environment).toMatchObject({ PORT: String(port), SESSION_STORE_TLS: 'true', HOLDFAST_VERSION: '1.0.0' });
    const pid = async (): Promise<number> => ((await (await fetch(`http://127.0.0.1:${port}`)).json()) as { pid: number }).pid;
    const before = await pid();
    expect(fleet.instances.kill(instanceId)).toBe(true);
    await until(async () => (await fleet.instances.systemctl(instanceId, 'is-active', 'holdfast-app')).stdout === 'activating\n');
    await until(async () => (await pid().catch(() => before)) !== before);
  });

  it('is offline while its agent is dead', async () => {
    const { instanceId } = await fleet.launch({ userData: '' });
    fleet.instances.killAgent(instanceId);
    expect(fleet.instances.get(instanceId)?.online).toBe(false);
    fleet.instances.reviveAgent(instanceId);
    expect(fleet.instances.get(instanceId)?.online).toBe(true);
  });
});

describe('systemctl on a local machine', () => {
  let instanceId: string;
  const unit = (body: string): string => {
    const file = join(folderOf(instanceId), 'etc', 'some.service');
    writeFileSync(file, `[Service]\n${body}\n`);
    return file;
  };
  beforeAll(async () => {
    instanceId = (await fleet.launch({ userData: '' })).instanceId;
  });

  it('answers as systemctl does for a unit that it does not have', async () => {
    expect(await shim(instanceId, 'is-active', 'nothing')).toEqual({ code: 3, stdout: 'inactive\n', stderr: '' });
    expect(await shim(instanceId, 'status', 'nothing')).toMatchObject({ code: 4 });
    expect(await shim(instanceId, 'start', 'nothing')).toMatchObject({ code: 5, stderr: expect.stringContaining('not found') });
    expect(await shim(instanceId, 'link', '/nowhere/x.service')).toMatchObject({ code: 1 });
    expect(await shim(instanceId, 'mask', 'nothing')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no such systemctl command'),
    });
  });

  it('starts, queries and stops a linked unit', async () => {
    expect(await shim(instanceId, 'link', unit('ExecStart=sleep 60'))).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await shim(instanceId, 'enable', 'some')).toMatchObject({ code: 0 });
    expect(await shim(instanceId, 'start', 'some')).toMatchObject({ code: 0 });
    expect(await shim(instanceId, 'is-active', 'some')).toMatchObject({ code: 0, stdout: 'active\n' });
    expect(await shim(instanceId, 'is-active', '--quiet', 'some')).toMatchObject({ code: 0, stdout: '' });
    expect((await shim(instanceId, 'status', 'some')).stdout).toContain('Main PID');
    expect(await shim(instanceId, 'stop', 'some')).toMatchObject({ code: 0 });
    expect(await shim(instanceId, 'is-active', 'some')).toMatchObject({ code: 3, stdout: 'inactive\n' });
  });

  it('stops a process that ignores SIGTERM, with its children, after TimeoutStopSec', async () => {
    const line = `/bin/sh -c 'trap "" TERM; sleep 61 & while true; do sleep 1; done'`;
    await shim(instanceId, 'link', unit(`ExecStart=${line}\nTimeoutStopSec=300ms`));
    await shim(instanceId, 'start', 'some');
    await new Promise((resolve) => setTimeout(resolve, 200));
    const began = performance.now();
    expect(await shim(instanceId, 'stop', 'some')).toMatchObject({ code: 0 });
    expect(performance.now() - began).toBeGreaterThan(250);
    expect(performance.now() - began).toBeLessThan(3_000);
  });

  it('fails the start when ExecStartPre fails, unless that is allowed', async () => {
    await shim(instanceId, 'link', unit('ExecStartPre=/bin/sh -c "exit 4"\nExecStart=sleep 60'));
    expect(await shim(instanceId, 'start', 'some')).toMatchObject({ code: 1, stderr: expect.stringContaining('exited with 4') });
    expect(await shim(instanceId, 'is-active', 'some')).toMatchObject({ stdout: 'failed\n' });
    await shim(instanceId, 'link', unit('ExecStartPre=-/bin/sh -c "exit 4"\nExecStart=sleep 60'));
    expect(await shim(instanceId, 'start', 'some')).toMatchObject({ code: 0 });
    await shim(instanceId, 'stop', 'some');
  });

  it('stops restarting at the start limit', async () => {
    await shim(instanceId, 'link', unit('ExecStart=/bin/sh -c "exit 1"\nRestart=on-failure\nRestartSec=10ms'));
    await shim(instanceId, 'start', 'some');
    await until(async () => (await shim(instanceId, 'is-active', 'some')).stdout === 'failed\n');
  });

  const needing = (lines: string, main = 'ExecStart=sleep 60') => {
    const file = unit(main);
    writeFileSync(file, `[Unit]\n${lines}\n[Service]\n${main}\n`);
    return file;
  };
  const oneShot = (body: string): string => {
    const file = join(folderOf(instanceId), 'etc', 'first.service');
    writeFileSync(file, `[Service]\nType=oneshot\n${body}\n`);
    return file;
  };

  it('runs a one-shot to its end before the unit that requires it, at automatic restarts too', async () => {
    const log = join(folderOf(instanceId), 'order');
    await shim(instanceId, 'link', oneShot(`Environment="LOG=${log}"\nExecStart=/bin/sh -c 'sleep 0.1; echo first >>"$LOG"'`));
    await shim(
      instanceId,
      'link',
      needing(
        'Requires=first.service\nAfter=first.service\nStartLimitIntervalSec=0',
        `Environment="LOG=${log}"\nExecStart=/bin/sh -c 'echo then >>"$LOG"; exit 1'\nRestart=on-failure\nRestartSec=10ms`,
      ),
    );
    await shim(instanceId, 'start', 'some');
    await until(() => existsSync(log) && readFileSync(log, 'utf8').startsWith('first\nthen\nfirst\nthen\n'));
    await shim(instanceId, 'stop', 'some');
    // One that runs is not stopped with it.
    await until(async () => (await shim(instanceId, 'is-active', 'first')).stdout === 'inactive\n');
  });

  it.each([
    ['keeps a unit that requires it and comes after it from starting', 'Requires=first.service\nAfter=first.service', 1, 'inactive\n'],
    ['does not, where the unit only wants it', 'Wants=first.service missing.target\nAfter=first.service', 0, 'active\n'],
    ['does not, where the unit does not come after it', 'Requires=first.service', 0, 'active\n'],
    ['is like a required unit that does not exist', 'Requires=missing.service\nAfter=missing.service', 1, 'inactive\n'],
  ])('a one-shot that fails %s', async (_, lines, code, stdout) => {
    await shim(instanceId, 'stop', 'some');
    await shim(instanceId, 'link', oneShot('ExecStart=/bin/sh -c "exit 3"'));
    await shim(instanceId, 'link', needing(lines, 'ExecStart=sleep 60\nRestart=on-failure\nRestartSec=10ms'));
    expect(await shim(instanceId, 'start', 'some')).toMatchObject({ code });
    // Restart= does not apply to a start that failed for another unit.
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await shim(instanceId, 'is-active', 'some')).stdout).toBe(stdout);
  });

  it('a one-shot stays active where it says so, and runs no longer than its time', async () => {
    await shim(instanceId, 'link', oneShot('ExecStart=true\nRemainAfterExit=yes'));
    await shim(instanceId, 'start', 'first');
    expect((await shim(instanceId, 'is-active', 'first')).stdout).toBe('active\n');
    await shim(instanceId, 'stop', 'first');
    await shim(instanceId, 'link', oneShot('ExecStart=sleep 60\nTimeoutStartSec=100ms'));
    expect(await shim(instanceId, 'start', 'first')).toMatchObject({ code: 1, stderr: expect.stringContaining('SIGTERM') });
  });
});
