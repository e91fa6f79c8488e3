/** What the benchmark prints a case, and what is expected of it. Pure. */

export interface SweepCase {
  readonly name: 'holdfast' | 'holdfast-paced' | 'scan' | 'scan-pttl' | 'memkeys' | 'seed-loop' | 'idle';
  /** COUNT of SCAN, or the largest page; 0 where there is none. */
  readonly count: number;
  readonly keysPerSecond: number;
  /** Of a client beside it that GETs a session each millisecond. */
  readonly probeP50Ms: number;
  readonly probeP99Ms: number;
  readonly probeMaxMs: number;
  readonly clientCpuSeconds: number;
}

const LEAST_OF_SCAN = 0.85;
const LEAST_OF_SCAN_PTTL = 2;
const ALWAYS_FINE_MS = 1;
const MOST_OF_IDLE = 2;
const MOST_OF_IDLE_PACED = 1.3;

/** One case of a round each, as the median of its rounds: number by number. */
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

/** One sentence for each expectation that was not met. */
export function disappointments(cases: readonly SweepCase[]): string[] {
  const of = (name: SweepCase['name']) => cases.find((one) => one.name === name);
  const [holdfast, paced, scan, pttl, idle] = (['holdfast', 'holdfast-paced', 'scan', 'scan-pttl', 'idle'] as const).map(of);
  const found: string[] = [];
  if (!holdfast || !paced || !scan || !pttl || !idle) return ['a case is missing'];
  const ofScan = holdfast.keysPerSecond / scan.keysPerSecond;
  if (scan.count !== holdfast.count) found.push(`a bare SCAN went by COUNT ${scan.count}, and Holdfast by ${holdfast.count}`);
  if (ofScan < LEAST_OF_SCAN) found.push(`Holdfast goes at ${ofScan.toFixed(2)} of a bare SCAN; ${LEAST_OF_SCAN} is expected`);
  const ofPttl = holdfast.keysPerSecond / pttl.keysPerSecond;
  if (ofPttl < LEAST_OF_SCAN_PTTL)
    found.push(`Holdfast goes at ${ofPttl.toFixed(2)} of SCAN with pipelined PTTL; ${LEAST_OF_SCAN_PTTL} is expected`);
  const most = Math.max(ALWAYS_FINE_MS, MOST_OF_IDLE * idle.probeP99Ms);
  if (holdfast.probeP99Ms > most)
    found.push(`beside Holdfast a GET takes ${holdfast.probeP99Ms} ms (P99); ${most.toFixed(2)} ms are allowed`);
  const mostPaced = MOST_OF_IDLE_PACED * idle.probeP99Ms;
  if (paced.probeP99Ms > mostPaced) {
    found.push(`beside a gentle sweep a GET takes ${paced.probeP99Ms} ms (P99); ${mostPaced.toFixed(2)} ms are allowed`);
  }
  return found;
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000;
