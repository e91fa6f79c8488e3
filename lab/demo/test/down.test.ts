import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { processStart } from '../../../setup/process-start.mjs';
import { recordingOutput } from '../recording-output.ts';
import { down } from '../up.ts';

let folder: string;
let cloud: ChildProcess | undefined;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdfast-down-'));
  vi.stubEnv('HOLDFAST_STATE_FOLDER', folder);
});
afterEach(() => {
  cloud?.kill('SIGKILL');
  cloud = undefined;
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

async function printed(): Promise<unknown> {
  const shown = recordingOutput();
  await down(shown.output);
  return shown.result;
}

it('down ends the process of the local cloud, and names it', async () => {
  cloud = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1_000)'], { stdio: 'ignore' });
  const pid = cloud.pid as number;
  const file = path.join(folder, 'cloud.json');
  writeFileSync(file, JSON.stringify({ pid, pidStart: processStart(pid) }));
  expect(await printed()).toEqual({ local: null, ended: pid });
  expect([processStart(pid), existsSync(file)]).toEqual([undefined, false]);
});

it('down without a local cloud has ended nothing', async () => {
  expect(await printed()).toEqual({ local: null });
});
