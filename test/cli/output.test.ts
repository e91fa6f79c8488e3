/** What a command prints: no value of an application, a publisher or a site steers the terminal that shows it. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { linesView, terminalView } from '../../cli/deploy/progress-view.ts';
import { createOutput, showWait, table } from '../../cli/output.ts';
import { runCommandLine } from '../../cli/run-command-line.ts';
import { HEALTHY, HOSTILE, STEERS } from '../functions/shared/hostile-texts.ts';

let written: string;
beforeEach(() => {
  written = '';
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      written += String(text);
      return true;
    });
});
afterEach(() => vi.restoreAllMocks());

describe('what a command prints', () => {
  it.each(HOSTILE)('of %s steers no terminal, and stays one line of JSON', async (_what, text) => {
    const [people, json] = [createOutput(false), createOutput(true)];
    people.print(text);
    people.progress(text);
    people.result({ text }, () =>
      table([
        ['name', 'text'],
        ['a', text],
      ]),
    );
    await runCommandLine(['status', text], () => {});
    expect(written).not.toMatch(STEERS);
    written = '';
    json.result({ [text]: text }, () => '');
    expect(written).not.toMatch(STEERS);
    expect([written.split('\n').length, JSON.parse(written)]).toEqual([2, { [text]: text }]);
    written = '';
    await runCommandLine(['status', text, '--json'], () => {});
    expect(written).not.toMatch(STEERS);
    expect(Object.keys(JSON.parse(written))).toEqual(['error']);
  });

  it('ends no line in a space, as a command without options would', async () => {
    createOutput(false).result({}, () => 'Show it with: ./holdfast store \nnext ');
    expect(written).toBe('Show it with: ./holdfast store\nnext\n');
  });

  it('of healthy texts is what they are', () => {
    for (const text of HEALTHY) createOutput(false).print(text);
    expect(written).toBe(HEALTHY.map((text) => `${text}\n`).join(''));
  });

  it('as a table has one line for each row, whatever a cell has', () => {
    expect(
      table([
        ['a', 'b'],
        ['one\ntwo\u001b[2J', '3'],
      ]).split('\n'),
    ).toEqual(['a        b', 'one two  3']);
  });
});

it('a deploy that is followed on a terminal moves its cursor itself, and lets no text of a server do so', () => {
  const record = {
    ...{
      deployId: 'd-1',
      fleet: 'web',
      stage: 'rolling',
      startedAtMs: 0,
      release: '2.0.0',
      version: '2.0.0',
      warnings: ['\u001b[2J\u009b1m\u202ewarned'],
    },
    targets: { 'i-1': { phase: 'failed', reason: 'no\u001b[2Jt UP\nforged', startedAtMs: 0 } },
  } as never;
  const shown: string[] = [];
  linesView((line) => createOutput(false).print(line)).show(record, 1_000);
  terminalView({ columns: 200, rows: 50, write: (text: string) => shown.push(text) > 0 } as never).show(record, 1_000);
  expect(written).not.toMatch(STEERS);
  // Its own escapes clear a line and the rest of the screen.
  expect(shown.join('').replaceAll('\u001b[2K', '').replaceAll('\u001b[J', '')).not.toMatch(STEERS);
});

describe('a wait', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubEnv('TERM', 'xterm');
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllEnvs();
  });
  const terminal = (isTTY: boolean, columns = 80) => ({
    ...{ isTTY, columns },
    write: (text: string | Uint8Array) => process.stderr.write(text),
  });
  const waitFor = async (seconds: number, { isTTY, columns }: { isTTY: boolean; columns?: number }, meanwhile = () => {}) => {
    const work = Promise.withResolvers<string>();
    const shown = showWait('setting store-down', () => work.promise, terminal(isTTY, columns));
    await vi.advanceTimersByTimeAsync(seconds * 1000);
    meanwhile();
    work.resolve('done');
    return shown;
  };

  it('moves each second on a terminal after two, and leaves nothing there', async () => {
    await expect(waitFor(3, { isTTY: true })).resolves.toBe('done');
    expect(written).toBe(`${[2, 3].map((second) => `\r\u001b[2Ksetting store-down, ${second} s`).join('')}\r\u001b[2K`);
  });

  it('takes one row, however narrow the terminal is', async () => {
    await waitFor(2, { isTTY: true, columns: 12 });
    expect(written).toBe('\r\u001b[2Ksetting\r\u001b[2K');
  });

  it('gives its row to a line that is printed meanwhile', async () => {
    await waitFor(2, { isTTY: true }, () => createOutput(false).print('a line'));
    expect(written).toContain('store-down, 2 s\r\u001b[2Ka line\n');
  });

  it('has lines on a terminal that redraws nothing', async () => {
    vi.stubEnv('TERM', 'dumb');
    await waitFor(16, { isTTY: true });
    expect(written).toBe('setting store-down, 15 s\n');
  });

  it('has a line every 15 s in a log, and none when it is short', async () => {
    await waitFor(14, { isTTY: false });
    expect(written).toBe('');
    await waitFor(31, { isTTY: false });
    expect(written).toBe('setting store-down, 15 s\nsetting store-down, 30 s\n');
  });

  it('shows what is awaited within it, and nothing while a person is asked', async () => {
    const asked = Promise.withResolvers<void>();
    const outer = showWait('still at work', () => showWait(undefined, () => asked.promise, terminal(true)), terminal(true));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(written).toBe('');
    asked.resolve();
    await outer;
  });

  it('ends with the error of its work, and shows nothing afterwards', async () => {
    const failed = expect(showWait('setting store-down', () => Promise.reject(new Error('no')), terminal(true))).rejects.toThrow('no');
    await vi.advanceTimersByTimeAsync(60_000);
    await failed;
    expect(written).toBe('');
  });
});
