import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ask, runCommand, tryCommand } from '../../setup/run-command.mjs';
import { makeFolder, writeProgram } from './fake-programs.ts';

describe('commands of set-up', () => {
  let folder: string;
  let logFile: string;
  beforeEach(() => {
    folder = makeFolder();
    logFile = join(folder, 'logs', 'step.log');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('keeps what the command prints in its log', async () => {
    const command = writeProgram(folder, 'tool', 'echo out; echo err >&2');
    expect(await tryCommand(command, [], { logFile, timeoutMs: 10_000 })).toEqual({ ok: true, reason: '' });
    expect(readFileSync(logFile, 'utf8')).toBe('out\nerr\n');
  });

  it('shows where the errors begin when it fails, and the advice', async () => {
    const command = writeProgram(folder, 'npm', 'echo "npm warn old"; echo "npm error code E404"; exit 4');
    await expect(runCommand('npm ci', command, [], { logFile, timeoutMs: 10_000, advice: 'Check the registry.' })).rejects.toThrow(
      `npm ci failed (exit code 4). Check the registry. Whole log: ${logFile}\n  npm error code E404`,
    );
  });

  it('ends a command that does not end in time, with what it started', async () => {
    const command = writeProgram(folder, 'tool', 'sleep 60 & wait');
    expect(await tryCommand(command, [], { logFile, timeoutMs: 50 })).toEqual({ ok: false, reason: 'no end after 0 s' });
  });

  it('says that a program is absent', async () => {
    expect((await tryCommand('/nowhere/tool', [], { logFile, timeoutMs: 1_000 })).reason).toContain('ENOENT');
    expect(ask('/nowhere/tool', [])).toBeUndefined();
  });
});
