import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { processStart } from '../../setup/process-start.mjs';
import { makeStateFolder, startCli } from '../cli/run-cli.ts';

let state: ReturnType<typeof makeStateFolder>;
let cloud: ChildProcess | undefined;
beforeEach(() => {
  state = makeStateFolder();
});
afterEach(() => {
  cloud?.kill('SIGKILL');
  cloud = undefined;
  state.remove();
});

const down = () => startCli(state.folder, ['down', '--json']).ended;

it('down ends the process of the local cloud, and names it', async () => {
  cloud = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1_000)'], { stdio: 'ignore' });
  const pid = cloud.pid as number;
  const file = path.join(state.folder, 'cloud.json');
  writeFileSync(file, JSON.stringify({ pid, pidStart: processStart(pid) }));
  const { code, stdout } = await down();
  expect([code, JSON.parse(stdout)]).toEqual([0, { local: null, ended: pid }]);
  expect([processStart(pid), existsSync(file)]).toEqual([undefined, false]);
});

it('down without a local cloud has ended nothing', async () => {
  const { code, stdout } = await down();
  expect([code, JSON.parse(stdout)]).toEqual([0, { local: null }]);
});
