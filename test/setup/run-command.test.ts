import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { outputOf, runCommand, tryCommand } from '../../setup/run-command.mjs';
import { makeFolder, writeProgram } from './fake-programs.ts';

describe('commands of set-up', () => {
  let folder: string;
  let logFile: string;
  beforeEach(() => {
    folder = makeFolder();
    logFile = join(folder, 'logs', 'step.log');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('write their output to a log', async () => {
    const command = writeProgram(folder, 'tool', 'echo out; echo err >&2');
    expect(await tryCommand(command, [], { logFile, timeoutMs: 10_000 })).toEqual({ ok: true, reason: '' });
    expect(readFileSync(logFile, 'utf8')).toBe('out\nerr\n');
  });

  it('show the first error lines and the advice when they fail', async () => {
    const command = writeProgram(folder, 'npm', 'echo "npm warn old"; echo "npm error code E404"; exit 4');
    await expect(runCommand('npm ci', command, [], { logFile, timeoutMs: 10_000, advice: 'Check the registry.' })).rejects.toThrow(
      `npm ci failed (exit code 4). Check the registry. Full log: ${logFile}\n  npm error code E404`,
    );
  });

  it('are ended after their time limit, with everything they started', async () => {
    const command = writeProgram(folder, 'tool', 'sleep 60 & wait');
    expect(await tryCommand(command, [], { logFile, timeoutMs: 50 })).toEqual({ ok: false, reason: 'timed out after 0 s' });
  });

  it('report that a program is absent', async () => {
    expect((await tryCommand('/nowhere/tool', [], { logFile, timeoutMs: 1_000 })).reason).toContain('ENOENT');
    expect(outputOf('/nowhere/tool', [])).toBeUndefined();
  });
});
