import { closeSync, mkdtempSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Journal } from '../../instances/journal.ts';
import { journalctl } from '../../instances/journalctl.ts';

let folder: string;
let nowMs: number;
let journal: Journal;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-journal-'));
  nowMs = 1_000_000;
  journal = new Journal(join(folder, 'app.log'), () => nowMs);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A run of the service, of a second, that prints a line. */
function run(line: string): void {
  journal.note('Started it.');
  const output = journal.open();
  writeSync(output, `${line}\n`);
  closeSync(output);
  nowMs += 1_000;
  journal.note('Main process exited.');
}

const call = (...args: string[]) => journalctl(args, { find: (unit) => (unit === 'app' ? journal : undefined), all: () => [journal] });

describe('journalctl on a local machine', () => {
  it('prints what the service and its manager wrote, the last lines of it', () => {
    run('one');
    expect(call('-u', 'app', '-n', '2', '-o', 'cat', '--no-pager', '-q')).toEqual({ code: 0, stdout: 'one\nMain process exited.\n' });
  });

  it('removes every entry, and shows what is written from then on', () => {
    run('one');
    expect(call('--rotate', '--vacuum-time=1s')).toEqual({ code: 0 });
    run('two');
    expect(call('-u', 'app', '-o', 'cat').stdout).toBe('Started it.\ntwo\nMain process exited.\n');
    expect(call('--vacuum-time=2d').stderr).toContain('every entry or none');
  });

  it('leaves out what was written before a time', () => {
    run('one');
    nowMs += 500;
    const since = nowMs / 1000;
    nowMs += 500;
    run('two');
    expect(call('-u', 'app', '-o', 'cat', '--since', `@${since}`).stdout).toBe('Started it.\ntwo\nMain process exited.\n');
  });

  it('leaves out what was written after a time', () => {
    run('one');
    nowMs += 500;
    const until = nowMs / 1000;
    nowMs += 500;
    run('two');
    expect(call('-u', 'app', '-o', 'cat', '--until', `@${until}`).stdout).toBe('Started it.\none\nMain process exited.\n');
  });

  it('has nothing of a unit that never ran', () => {
    expect(call('-u', 'app', '-o', 'cat')).toEqual({ code: 0, stdout: '' });
    expect(call('-u', 'other', '-o', 'cat')).toEqual({ code: 0, stdout: '' });
  });

  it.each([
    ['no unit', ['-o', 'cat'], 'name one with --unit'],
    ['fields', ['-u', 'app'], 'use --output=cat'],
    ['another time', ['-u', 'app', '-o', 'cat', '--since', 'yesterday'], 'Failed to parse timestamp: yesterday'],
    ['another end', ['-u', 'app', '-o', 'cat', '--until', 'now'], 'Failed to parse timestamp: now'],
    ['an unknown option', ['-u', 'app', '--boot'], "Unknown option '--boot'"],
  ])('refuses %s, which it does not have', (_what, args, reason) => {
    expect(call(...args)).toEqual({ code: 1, stderr: expect.stringContaining(reason) });
  });
});
