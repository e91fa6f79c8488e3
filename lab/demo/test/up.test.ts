import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { processStart } from '../../../setup/process-start.mjs';
import { makeStateFolder, startCli } from '../../../test/cli/run-cli.ts';
import { listProcesses } from '../../processes/process-table.ts';

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

it('an interrupted up leaves no local cloud behind', async () => {
  const { child, ended } = startCli(state.folder, ['up']);
  let printed = '';
  while (!printed.includes('bootstrapping')) printed += String((await once(child.stderr, 'data'))[0]);
  const { pid } = JSON.parse(readFileSync(path.join(state.folder, 'cloud.json'), 'utf8')) as { pid: number };
  child.kill('SIGINT');
  expect(await ended).toMatchObject({ code: 130, stdout: '', stderr: expect.stringContaining('stopping everything that was started') });
  expect([processStart(pid), existsSync(path.join(state.folder, 'cloud.json'))]).toEqual([undefined, false]);
  expect(readdirSync(path.join(state.folder, 'run'))).toEqual([]);
  // The path of its output is on cdk's command line.
  expect(listProcesses().filter(({ pid }) => readCommandLine(pid).includes(state.folder))).toEqual([]);
});
