/**
 * Memory of a process and all below it, as the sum of resident set sizes. Pages that processes share (a Node or Redis
 * program's code) count once for each, so the sum is an upper bound.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { listProcesses, type ProcessInfo, treeOf } from './process-table.ts';

const KB_PER_MB = 1024;

/** Peak memory of a process tree while it is watched. */
export interface PeakRss {
  /** Highest sum seen so far, in MB (1024 × 1024 bytes). */
  readonly peakMb: number;
  /** Takes a last sample and returns the peak in MB. Idempotent. */
  stop(): number;
}

/**
 * Resident memory of `rootPid` and what is below it, in MB; 0 when it has ended.
 *
 * @param alsoPids processes to count although they are not below `rootPid`: what was started detached is, until its parent ends
 */
export function measureRssMb(rootPid: number, alsoPids: Iterable<number> = []): number {
  const table = listProcesses();
  const members = new Map<number, ProcessInfo>();
  for (const pid of [rootPid, ...alsoPids]) for (const entry of treeOf(table, pid)) members.set(entry.pid, entry);
  return sumRssKb([...members.keys()]) / KB_PER_MB;
}

/** Samples every `intervalMs` until stopped. The timer keeps no process alive. */
export function trackPeakRss(rootPid: number, intervalMs: number, measure: (pid: number) => number = measureRssMb): PeakRss {
  let peakMb = 0;
  const sample = () => {
    peakMb = Math.max(peakMb, measure(rootPid));
  };
  sample();
  let timer: NodeJS.Timeout | undefined = setInterval(sample, intervalMs);
  timer.unref();
  return {
    get peakMb() {
      return peakMb;
    },
    stop() {
      if (timer !== undefined) {
        clearInterval(timer);
        timer = undefined;
        sample();
      }
      return peakMb;
    },
  };
}

function sumRssKb(pids: readonly number[]): number {
  if (pids.length === 0) return 0;
  if (process.platform === 'linux') return pids.reduce((sum, pid) => sum + readRssKb(pid), 0);
  const { stdout } = spawnSync('ps', ['-o', 'rss=', '-p', pids.join(',')], { encoding: 'utf8', timeout: 5_000 });
  return (stdout ?? '').split('\n').reduce((sum, line) => sum + (Number(line.trim()) || 0), 0);
}

function readRssKb(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
