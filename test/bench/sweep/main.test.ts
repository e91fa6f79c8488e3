/** The whole benchmark on small stores: what it prints, not how fast anything is. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import type { SweepCase } from '../../../bench/sweep/sweep-case.ts';
import { DEFAULT_ENGINE } from '../../store-engines.ts';

const MAIN = path.resolve(import.meta.dirname, '../../../bench/sweep/main.ts');
const CASES = 'scan,holdfast,holdfast-one-cursor,holdfast-replica,control,scan-pttl,holdfast-acl-tls,holdfast-lambda-share';

async function run(...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, ...words]);
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code, stdout, stderr };
}

it('measures each case on a real store, and prints one line of JSON', async () => {
  const { stdout, stderr } = await run('--engine', DEFAULT_ENGINE.engine, '--cases', CASES, '--keys', '10000', '--rounds', '1', '--json');
  expect(stdout.trimEnd().split('\n'), stderr).toHaveLength(1);
  const { cases } = JSON.parse(stdout) as { cases: SweepCase[] };
  const shares = [512, 1_024, 1_769].map((memoryMegabytes) => ({ name: 'holdfast-lambda-share', memoryMegabytes }));
  const others = CASES.split(',').slice(0, -1);
  expect(cases).toMatchObject([...others.map((name) => ({ name })), ...shares]);
  for (const one of cases) {
    expect(one).toMatchObject({ engine: DEFAULT_ENGINE.engine });
    expect(one.keysPerSecond, one.name).toBeGreaterThan(1_000);
    expect(one.probeP99Ms, one.name).toBeGreaterThan(0);
    expect(one.storeSharePercent, one.name).toBeLessThan(100);
  }
});

it('exits 2 for a wrong option, and says which', async () => {
  expect(await run('--engine', 'memcached')).toMatchObject({ code: 2, stderr: '--engine memcached is none of valkey, redis\n' });
});
