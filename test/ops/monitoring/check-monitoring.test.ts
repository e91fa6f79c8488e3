import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { MONITORING_ACCESS } from '../../../ops/monitoring/check/local-store.ts';
import { ensureMonitoringPrograms } from '../../../setup/set-up.mjs';

const REPOSITORY = path.resolve(import.meta.dirname, '../../..');
const RUNS_FOLDER = path.join(REPOSITORY, '.holdfast', 'monitoring-run');
/** The first use on a machine fetches Prometheus. */
const FETCH_LIMIT_MS = 240_000;
/** It takes 12 s on two idle cores. */
const CHECK_LIMIT_MS = 90_000;

beforeAll(() => ensureMonitoringPrograms(), FETCH_LIMIT_MS);

function check(...args: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const script = path.join(REPOSITORY, 'ops', 'monitoring', 'check', 'main.ts');
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, ...args]);
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk;
    });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...text }));
  });
}

it(
  'finds the data of every rule and every panel on a real store, and leaves nothing behind',
  async () => {
    const { code, stdout, stderr } = await check('--json');
    expect(stderr).not.toContain('no data');
    const report = JSON.parse(stdout);
    expect(Object.keys(report)).toEqual(['rules', 'rulesWithData', 'panels', 'panelsWithData']);
    expect(report.rules).toBeGreaterThan(15);
    expect(report.panels).toBeGreaterThan(20);
    expect(report).toMatchObject({ rulesWithData: report.rules, panelsWithData: report.panels });
    expect([code, stdout.trimEnd().split('\n').length]).toEqual([0, 1]);
    expect(existsSync(RUNS_FOLDER) ? readdirSync(RUNS_FOLDER) : []).toEqual([]);
  },
  CHECK_LIMIT_MS,
);

it('refuses an option that it does not know, before anything is started', async () => {
  expect(await check('--jsn')).toEqual({
    code: 2,
    stdout: '',
    stderr: 'check:monitoring does not know --jsn: it takes --json, or nothing\n',
  });
});

it('is made with the very rights that the documentation gives the user', () => {
  expect(readFileSync(path.join(REPOSITORY, 'ops', 'monitoring', 'README.md'), 'utf8')).toContain(`--access-string '${MONITORING_ACCESS}'`);
});
