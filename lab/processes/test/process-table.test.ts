import { describe, expect, it } from 'vitest';
import { parseProcStat, processStart } from '../../../setup/process-start.mjs';
import { until } from '../../../test/until.ts';
import { measureRssMb, trackPeakRss } from '../measure-memory.ts';
import { listProcesses, parsePs, treeOf } from '../process-table.ts';
import { isAlive, startSleeper } from './sleepers.ts';

describe('the process table', () => {
  it('reads /proc/<pid>/stat with a command that contains brackets and spaces', () => {
    const text = `812 (a) b (c)) S 1 810 810 0 -1 4194560 ${'0 '.repeat(11)}0 123456 9 9`;
    const fields = parseProcStat(text);
    expect(fields).toMatchObject({ command: 'a) b (c)', state: 'S', parentPid: 1, groupId: 810 });
  });

  it('reads what macOS prints', () => {
    const text =
      '  501     1   501 Ss   Fri Nov 20 09:00:00 2026     /Applications/My App/app\n  502   501   501 Z    Fri Nov  6 09:00:01 2026     (sh)\n';
    expect(parsePs(text)).toEqual([
      { pid: 501, parentPid: 1, groupId: 501, start: 'Fri Nov 20 09:00:00 2026', command: '/Applications/My App/app' },
    ]);
  });

  it('agrees with the start of a single process', () => {
    expect(listProcesses().find((entry) => entry.pid === process.pid)?.start).toBe(processStart(process.pid));
  });

  it('finds what is below a process, and only that', () => {
    const entry = (pid: number, parentPid: number) => ({ pid, parentPid, groupId: pid, start: 's', command: 'c' });
    const table = [entry(1, 0), entry(2, 1), entry(3, 2), entry(4, 1), entry(5, 3)];
    expect(treeOf(table, 2).map(({ pid }) => pid)).toEqual([2, 3, 5]);
    expect(treeOf(table, 9)).toEqual([]);
  });
});

describe('memory', () => {
  it('counts a process together with what it started', async () => {
    const alone = measureRssMb(process.pid);
    const pid = startSleeper();
    await until(() => measureRssMb(pid) > 0);
    expect(alone).toBeGreaterThan(10);
    expect(measureRssMb(process.pid, [pid])).toBeGreaterThan(measureRssMb(pid));
    process.kill(pid, 'SIGKILL');
    await until(() => !isAlive(pid));
    expect(measureRssMb(pid)).toBe(0);
  });

  it('keeps the peak', () => {
    const samples = [10, 30, 20];
    const peak = trackPeakRss(1, 60_000, () => samples.shift() ?? 0);
    expect(peak.peakMb).toBe(10);
    expect(peak.stop()).toBe(30);
    expect(peak.stop()).toBe(30);
  });
});
