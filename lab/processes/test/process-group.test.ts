import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { until } from '../../../test/until.ts';
import { isAlive } from './sleepers.ts';

const MODULE = path.resolve(import.meta.dirname, '../process-group.ts');

/** A process that starts a shell and its child as a group without a ledger, does `prepare`, and then prints their ids. */
async function startOwner(prepare: string) {
  const script = `
    import { startGroup } from ${JSON.stringify(MODULE)};
    const group = startGroup('/bin/sh', ['-c', 'sleep 120 & echo $!; wait'], { name: 'sh', stdio: ['ignore', 'pipe', 'ignore'] });
    group.child.stdout.once('data', (line) => { ${prepare} process.stdout.write(group.pid + ' ' + line); });`;
  const owner = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(owner, 'exit');
  const [line] = (await once(owner.stdout, 'data')) as [Buffer];
  return { owner, ended, pids: line.toString().trim().split(' ').map(Number) };
}

describe('a process group without a ledger', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('ends with its owner on %s, which ends the owner as always', async (signal) => {
    const { owner, ended, pids } = await startOwner('');
    expect(pids.map(isAlive)).toEqual([true, true]);
    owner.kill(signal);
    expect(await ended).toEqual([null, signal]);
    await until(() => !pids.some(isAlive), 'the end of the group');
  });

  it('ends when its owner exits', async () => {
    const { ended, pids } = await startOwner('setTimeout(() => process.exit(3), 50);');
    expect(await ended).toEqual([3, null]);
    await until(() => !pids.some(isAlive), 'the end of the group');
  });

  it('leaves the signal to an owner that handles it', async () => {
    const { owner, ended, pids } = await startOwner("process.on('SIGTERM', () => process.exit(4));");
    owner.kill('SIGTERM');
    expect(await ended).toEqual([4, null]);
    await until(() => !pids.some(isAlive), 'the end of the group');
  });
});
