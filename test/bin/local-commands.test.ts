import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { addLocalCommands } from '../../bin/local-commands.ts';
import { recordingOutput } from '../../lab/demo/recording-output.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdfast-commands-'));
  vi.stubEnv('HOLDFAST_STATE_FOLDER', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** Runs a command where no local cloud is. @returns what it failed with, or else its result, and whether it was asked for JSON */
async function run(...args: string[]): Promise<{ readonly outcome: unknown; readonly json: boolean | undefined }> {
  const shown = recordingOutput();
  const seen: { json?: boolean; error?: string } = {};
  const program = new Command('holdfast');
  addLocalCommands(program, async (work, json) => {
    seen.json = json;
    await work(shown.output).catch((error: Error) => {
      seen.error = error.message;
    });
  });
  await program.parseAsync(args, { from: 'user' });
  return { outcome: seen.error ?? shown.result, json: seen.json };
}

it.each([
  ['inject', ['stickiness-off']],
  ['list', []],
  ['clear', []],
])('fault %s is about the local cloud, and says that none is there', async (command, parameters) => {
  expect(await run('fault', command, ...parameters, '--json')).toEqual({
    outcome: expect.stringContaining('No local cloud is running'),
    json: true,
  });
});

it('down has nothing to end there', async () => {
  expect(await run('down')).toEqual({ outcome: { local: null }, json: false });
});
