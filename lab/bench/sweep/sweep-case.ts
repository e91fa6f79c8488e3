/** What the benchmark measures for each case. Pure. */
import { medianOf } from '../median.ts';

export const CASE_NAMES = [
  'idle',
  'scan',
  'holdfast',
  'holdfast-one-cursor',
  'holdfast-replica',
  'control',
  'scan-pttl',
  'holdfast-contents',
  'holdfast-acl-tls',
  'holdfast-lambda-share',
  'holdfast-clean',
  'holdfast-paced',
  'memkeys',
  'seed-loop',
] as const;
export type CaseName = (typeof CASE_NAMES)[number];

export interface SweepCase {
  readonly name: CaseName;
  readonly engine: string;
  /** COUNT of SCAN, or the largest page; 0 without SCAN. */
  readonly count: number;
  /** Cursors at once; 0 without SCAN. */
  readonly parts: number;
  readonly keysPerSecond: number;
  /** Latencies of a client that GETs a session of the primary every millisecond meanwhile. */
  readonly probeP50Ms: number;
  readonly probeP99Ms: number;
  readonly probeMaxMs: number;
  /** Time that the primary executes the case's own commands, in percent of the case's duration. */
  readonly storeSharePercent: number;
  /** CPU time of the primary's main thread, in percent of the case's duration: every client and the sockets included. */
  readonly storeCpuPercent: number;
  readonly clientCpuSeconds: number;
  /** Time from connecting to the verdict, in the case `holdfast-clean`. */
  readonly verdictMs?: number;
  /** The function's memory and its share of a core, in the case `holdfast-lambda-share`. */
  readonly memoryMegabytes?: number;
  readonly coreShare?: number;
}

type Measure = 'keysPerSecond' | 'probeP50Ms' | 'probeP99Ms' | 'probeMaxMs' | 'storeSharePercent' | 'storeCpuPercent' | 'clientCpuSeconds';

/** The median of a case's rounds, number by number. */
export function medianCase(rounds: readonly SweepCase[]): SweepCase {
  const [first] = rounds as [SweepCase];
  const median = (part: Measure | 'verdictMs') => medianOf(rounds.map((round) => round[part] ?? 0)) as number;
  return {
    ...first,
    keysPerSecond: Math.round(median('keysPerSecond')),
    probeP50Ms: rounded(median('probeP50Ms')),
    probeP99Ms: rounded(median('probeP99Ms')),
    probeMaxMs: rounded(median('probeMaxMs')),
    storeSharePercent: rounded(median('storeSharePercent')),
    storeCpuPercent: rounded(median('storeCpuPercent')),
    clientCpuSeconds: rounded(median('clientCpuSeconds')),
    ...(first.verdictMs !== undefined && { verdictMs: rounded(median('verdictMs')) }),
  };
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000;

/** One line of the progress and of the result. */
export function describeCase(one: SweepCase): string {
  const scan = one.count ? `${one.parts} × COUNT ${String(one.count).padStart(4)}` : '';
  const memory = one.memoryMegabytes === undefined ? '' : ` ${one.memoryMegabytes} MB, ${one.coreShare?.toFixed(2)} of a core`;
  const speed = Math.round(one.keysPerSecond).toLocaleString('en-US').padStart(9);
  const latency = `GET P50 ${one.probeP50Ms.toFixed(2)}, P99 ${one.probeP99Ms.toFixed(2)}, max ${one.probeMaxMs.toFixed(1)} ms`;
  const store = `store ${one.storeSharePercent.toFixed(2)} % (CPU ${one.storeCpuPercent.toFixed(1)} %)`;
  const verdict = one.verdictMs === undefined ? '' : `, verdict after ${one.verdictMs.toFixed(1)} ms`;
  return `${one.name.padEnd(21)} ${scan.padEnd(14)} ${speed} keys/s, ${latency}, ${store}, client CPU ${one.clientCpuSeconds.toFixed(2)} s${verdict}${memory}`;
}
