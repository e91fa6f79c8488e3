/** What is printed into a pipe arrives whole, however slowly it is read; a pipe that nobody reads any more ends the command without a trace. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { type AnnouncedCloud, withAnnouncedCloud } from './announced-cloud.ts';
import { deployRecord } from './deploy/deploy-record.ts';
import { keepDeploy } from './fake-cloud.ts';
import { onlyLine } from './run-cli.ts';

const BIN = path.resolve(import.meta.dirname, '../../bin');
const BYTES = 1_000_000;

let cloud: AnnouncedCloud['cloud'];
let state: AnnouncedCloud['state'];
withAnnouncedCloud((announced) => {
  ({ cloud, state } = announced);
});
beforeEach(() => {
  const cause = 'x'.repeat(50_000);
  for (let n = 0; n * cause.length < BYTES; n += 1)
    keepDeploy(cloud, { ...deployRecord({ status: 'FAILED', error: { Error: 'E', Cause: cause } }), deployId: `d${n}`, startedAtMs: n });
});

/** Starts one of the two entry points of a checkout; stdout is a pipe that is not read yet. */
function start(script: string, args: readonly string[]): ChildProcess & { readonly stdout: Readable; readonly stderr: Readable } {
  const env = { PATH: process.env['PATH'], HOME: state.folder, HOLDFAST_STATE_FOLDER: state.folder, AWS_EC2_METADATA_DISABLED: 'true' };
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', path.join(BIN, script), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
    timeout: 120_000,
  });
}

/** Each is asked at the same time: most of what they take is that a process starts. */
const ofEach = (ask: (script: string) => Promise<void>) => Promise.all(['main.ts', 'holdfast.mjs'].map(ask));

describe('each entry point', () => {
  it('ends only when a slow reader has the whole document of a megabyte', () =>
    ofEach(async (script) => {
      const child = start(script, ['deploys', '--json']);
      const exited = once(child, 'exit');
      // Both ends of the pipe fill meanwhile.
      await sleep(3_000);
      let text = '';
      for await (const chunk of child.stdout) {
        text += String(chunk);
        await sleep(5);
      }
      expect(text.length, script).toBeGreaterThan(BYTES);
      expect((onlyLine(text) as { deploys: unknown[] }).deploys, script).toHaveLength(20);
      expect((await exited)[0], script).toBe(0);
    }));

  it('ends with 141 and no trace when its reader has gone, as by "| head -1"', () =>
    ofEach(async (script) => {
      const child = start(script, ['deploys', '--json']);
      const exited = once(child, 'exit');
      let stderr = '';
      child.stderr.on('data', (chunk) => (stderr += String(chunk)));
      await once(child.stdout, 'data');
      child.stdout.destroy();
      expect([(await exited)[0], stderr], script).toEqual([141, '']);
    }));
});
