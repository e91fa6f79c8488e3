import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { listProcesses } from '../../local/processes/process-table.ts';
import { processStart } from '../../setup/process-start.mjs';
import { makeStateFolder, startCli } from './run-cli.ts';

let state: ReturnType<typeof makeStateFolder>;
beforeAll(() => {
  state = makeStateFolder();
});
afterAll(() => state.remove());

const readCommandLine = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
};

it('up that is interrupted half-way leaves no local cloud behind', async () => {
  const { child, ended } = startCli(state.folder, ['up']);
  let said = '';
  while (!said.includes('bootstrapping')) said += String((await once(child.stderr, 'data'))[0]);
  const { pid } = JSON.parse(readFileSync(path.join(state.folder, 'cloud.json'), 'utf8')) as { pid: number };
  child.kill('SIGINT');
  expect(await ended).toMatchObject({ code: 130, stdout: '', stderr: expect.stringContaining('ending what was started') });
  expect([processStart(pid), existsSync(path.join(state.folder, 'cloud.json'))]).toEqual([undefined, false]);
  expect(readdirSync(path.join(state.folder, 'run'))).toEqual([]);
  // cdk knows where its output goes.
  expect(listProcesses().filter(({ pid }) => readCommandLine(pid).includes(state.folder))).toEqual([]);
});
