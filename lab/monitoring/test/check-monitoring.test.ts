import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { MONITORING_ACCESS } from '../../../infra/constructs/store/access-strings.ts';
import { readSetup } from '../../../setup/read-setup.mjs';
import { ensureMonitoringPrograms } from '../../../setup/set-up.mjs';
import { FULL } from '../../../test/e2e/full-run.ts';
import { until } from '../../../test/until.ts';
import { checkKnownValues } from '../known-values.ts';
import { withMonitoredStore } from '../monitored-store.ts';

const REPOSITORY = path.resolve(import.meta.dirname, '../../..');
const RUNS_FOLDER = path.join(REPOSITORY, '.holdfast', 'monitoring-run');
/** The first use on a machine fetches Prometheus. */
const FETCH_LIMIT_MS = 240_000;
/** It takes 12 s on two idle cores. */
const CHECK_LIMIT_MS = 150_000;

let programs: Awaited<ReturnType<typeof ensureMonitoringPrograms>>;
beforeAll(async () => {
  programs = await ensureMonitoringPrograms();
}, FETCH_LIMIT_MS);

const runs = () => (existsSync(RUNS_FOLDER) ? readdirSync(RUNS_FOLDER) : []);

function check(...args: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const script = path.join(REPOSITORY, 'lab', 'monitoring', 'main.ts');
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

it.runIf(FULL)(
  'finds the data of every rule and every panel on a real store, and leaves nothing behind',
  async () => {
    const before = runs();
    const { code, stdout, stderr } = await check('--json');
    expect(stderr).not.toContain('no data');
    const report = JSON.parse(stdout);
    expect(Object.keys(report)).toEqual(['rules', 'rulesWithData', 'panels', 'panelsWithData']);
    expect(report.rules).toBeGreaterThan(15);
    expect(report.panels).toBeGreaterThan(20);
    expect(report).toMatchObject({ rulesWithData: report.rules, panelsWithData: report.panels });
    expect([code, stdout.trimEnd().split('\n').length]).toEqual([0, 1]);
    expect(runs().filter((run) => !before.includes(run))).toEqual([]);
  },
  CHECK_LIMIT_MS,
);

it.runIf(FULL)(
  'reports a real failover while it is recent, and counts the sessions once afterwards',
  async () => {
    await withMonitoredStore({ programs, stores: readSetup().stores }, async ({ store, values }) => {
      await checkKnownValues(values);
      expect(await values('ALERTS{alertname="StoreFailover"}')).toEqual([]);
      await store.failover();
      await until(async () => (await values('ALERTS{alertname="StoreFailover", alertstate="firing"}')).length === 1);
      await checkKnownValues(values);
    });
  },
  CHECK_LIMIT_MS,
);

it('refuses an option that it does not know, before anything is started', async () => {
  expect(await check('--jsn')).toEqual({
    code: 2,
    stdout: '',
    stderr: 'check:monitoring has no option --jsn: its only option is --json\n',
  });
});

it('is made with the very rights that the documentation gives the user', () => {
  expect(readFileSync(path.join(REPOSITORY, 'ops', 'monitoring', 'README.md'), 'utf8')).toContain(`--access-string '${MONITORING_ACCESS}'`);
});
