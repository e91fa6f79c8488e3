import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { forgetLastRun, keepLogs } from '../../local/last-run-logs.ts';

it('the logs of a run, and of machines that ended before it, outlive its folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-logs-'));
  const run = join(folder, 'run');
  const kept = join(folder, 'kept');
  const machine = join(run, 'instances/i-1/var/log');
  mkdirSync(machine, { recursive: true });
  writeFileSync(join(machine, 'app.log'), 'it failed');
  writeFileSync(join(run, 'instances/i-0-user-data.log'), 'no java');
  writeFileSync(join(run, 'instances/i-1/secret.pem'), 'x');
  keepLogs(run, kept);
  rmSync(join(run, 'instances'), { recursive: true });
  writeFileSync(join(run, 'daemon.log'), 'stopped');
  keepLogs(run, kept);
  rmSync(run, { recursive: true });
  expect(readdirSync(kept).sort()).toEqual(['daemon.log', 'instances-i-0-user-data.log', 'instances-i-1-var-log-app.log']);
  expect(readFileSync(join(kept, 'instances-i-1-var-log-app.log'), 'utf8')).toBe('it failed');
  forgetLastRun(kept);
  keepLogs(run, kept);
  expect(readdirSync(folder)).toEqual([]);
  rmSync(folder, { recursive: true });
});
