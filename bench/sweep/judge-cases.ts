/** What the benchmark prints for each case, and what is expected of it. Pure. */

export interface SweepCase {
  readonly name: 'holdfast' | 'holdfast-paced' | 'scan' | 'scan-pttl' | 'memkeys' | 'shell-loop' | 'idle';
  /** COUNT of SCAN, or the largest page; 0 without SCAN. */
  readonly count: number;
  readonly keysPerSecond: number;
  /** Times of a client that GETs a session every millisecond meanwhile. */
  readonly probeP50Ms: number;
  readonly probeP99Ms: number;
  readonly probeMaxMs: number;
  readonly clientCpuSeconds: number;
}

const MIN_RATIO_TO_SCAN = 0.85;
const MIN_RATIO_TO_SCAN_PTTL = 2;
const ALWAYS_ALLOWED_MS = 1;
const MAX_RATIO_TO_IDLE = 2;
const MAX_RATIO_TO_IDLE_PACED = 1.3;

/** The median of a case's rounds, number by number. */
export function medianCase(rounds: readonly SweepCase[]): SweepCase {
  const [first] = rounds as [SweepCase];
  const median = (part: keyof Omit<SweepCase, 'name'>) => {
    const sorted = rounds.map((round) => round[part]).sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] as number;
  };
  return {
    name: first.name,
    count: median('count'),
    keysPerSecond: Math.round(median('keysPerSecond')),
    probeP50Ms: rounded(median('probeP50Ms')),
    probeP99Ms: rounded(median('probeP99Ms')),
    probeMaxMs: rounded(median('probeMaxMs')),
    clientCpuSeconds: rounded(median('clientCpuSeconds')),
  };
}

/** One sentence per expectation that was not met. */
export function unmetExpectations(cases: readonly SweepCase[]): string[] {
  const of = (name: SweepCase['name']) => cases.find((one) => one.name === name);
  const [holdfast, paced, scan, pttl, idle] = (['holdfast', 'holdfast-paced', 'scan', 'scan-pttl', 'idle'] as const).map(of);
  const unmet: string[] = [];
  if (!holdfast || !paced || !scan || !pttl || !idle) return ['a case is missing'];
  const ofScan = holdfast.keysPerSecond / scan.keysPerSecond;
  if (scan.count !== holdfast.count) unmet.push(`a bare SCAN used COUNT ${scan.count}, and Holdfast ${holdfast.count}`);
  if (ofScan < MIN_RATIO_TO_SCAN)
    unmet.push(`Holdfast runs at ${ofScan.toFixed(2)} of a bare SCAN's speed; ${MIN_RATIO_TO_SCAN} or more is expected`);
  const ofPttl = holdfast.keysPerSecond / pttl.keysPerSecond;
  if (ofPttl < MIN_RATIO_TO_SCAN_PTTL)
    unmet.push(
      `Holdfast runs at ${ofPttl.toFixed(2)} of the speed of SCAN with pipelined PTTL; ${MIN_RATIO_TO_SCAN_PTTL} or more is expected`,
    );
  const most = Math.max(ALWAYS_ALLOWED_MS, MAX_RATIO_TO_IDLE * idle.probeP99Ms);
  if (holdfast.probeP99Ms > most)
    unmet.push(`during a fast sweep a GET takes ${holdfast.probeP99Ms} ms (P99); ${most.toFixed(2)} ms are allowed`);
  const mostPaced = MAX_RATIO_TO_IDLE_PACED * idle.probeP99Ms;
  if (paced.probeP99Ms > mostPaced) {
    unmet.push(`during a gentle sweep a GET takes ${paced.probeP99Ms} ms (P99); ${mostPaced.toFixed(2)} ms are allowed`);
  }
  return unmet;
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000;
