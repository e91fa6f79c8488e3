/** The whole benchmark on small stores: what it prints, not how fast anything is. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { DEFAULT_ENGINE } from '../../../../test/store-engines.ts';
import { planCases } from '../../sweep/plan-cases.ts';
import type { SweepCase } from '../../sweep/sweep-case.ts';

const MAIN = path.resolve(import.meta.dirname, '../../sweep/main.ts');
const CASES = [
  'scan',
  'holdfast',
  'holdfast-one-cursor',
  'holdfast-replica',
  'control',
  'holdfast-acl-tls',
  'holdfast-lambda-share',
  'holdfast-clean',
] as const;

async function run(...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, ...words]);
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code, stdout, stderr };
}

it('measures each case on a real store, and prints one line of JSON', async () => {
  const { stdout, stderr } = await run(
    '--engine',
    DEFAULT_ENGINE.engine,
    '--cases',
    CASES.join(),
    '--keys',
    '10000',
    '--rounds',
    '1',
    '--json',
  );
  expect(stdout.trimEnd().split('\n'), stderr).toHaveLength(1);
  const { cases } = JSON.parse(stdout) as { cases: SweepCase[] };
  expect(cases.map(({ name, memoryMegabytes }) => [name, memoryMegabytes])).toEqual(
    planCases(CASES).map(({ name, memoryMegabytes }) => [name, memoryMegabytes]),
  );
  for (const one of cases) {
    expect(one).toMatchObject({ engine: DEFAULT_ENGINE.engine });
    expect(one.keysPerSecond > 0, one.name).toBe(one.name !== 'holdfast-clean');
    expect(one.probeP99Ms, one.name).toBeGreaterThan(0);
    expect(one.storeSharePercent, one.name).toBeLessThan(100);
  }
});

it('exits 2 for a wrong option, and says which', async () => {
  expect(await run('--engine', 'memcached')).toMatchObject({ code: 2, stderr: '--engine memcached is none of valkey, redis\n' });
});
