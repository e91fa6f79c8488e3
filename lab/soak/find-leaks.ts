/** What a long row of deploys has left behind. Pure. */

/** One sample of everything that a local cloud holds. */
export interface Sample {
  readonly processes: number;
  /** Listening TCP ports. */
  readonly ports: number;
  /** Open file descriptors. */
  readonly files: number;
  /** Folders of the run. */
  readonly folders: number;
  /** Files in the run's temporary folders. */
  readonly tempFiles: number;
  /** Resident memory by process: the gateway with all services of ours, and the emulator. */
  readonly memoryMegabytes: { readonly gateway: number; readonly emulator: number };
}

export interface BeforeAndAfter {
  readonly before: number;
  readonly after: number;
}

export interface SoakResult {
  readonly deploys: number;
  readonly failed: number;
  readonly processes: BeforeAndAfter;
  readonly ports: BeforeAndAfter;
  readonly files: BeforeAndAfter;
  readonly folders: BeforeAndAfter;
  readonly tempFiles: BeforeAndAfter;
  readonly memoryMegabytes: { readonly gateway: BeforeAndAfter; readonly emulator: BeforeAndAfter };
  /** A sentence for each thing that grew; empty when nothing leaks. */
  readonly leaks: readonly string[];
}

/** How much more there may be at the end; a leak of one a deploy is past each of them after 50 deploys. */
const TOLERANCE: Readonly<Record<string, number>> = {
  // Keep-alive connections come and go: two clients of each of the functions and servers.
  files: 24,
  // A server keeps what its newest commands left, which differs by their kind.
  folders: 6,
  tempFiles: 6,
};
/** A heap settles for a while, and each deploy leaves its record, its log lines and its metrics, which are data. */
const HEAP_TOLERANCE_MB = 40;
const DATA_OF_A_DEPLOY_MB = 1;

/** @param deploys deploys between the two samples */
export function compareSamples(before: Sample, after: Sample, deploys: number, failed: number): SoakResult {
  const pair = (read: (sample: Sample) => number): BeforeAndAfter => ({ before: read(before), after: read(after) });
  const counts = {
    processes: pair(({ processes }) => processes),
    ports: pair(({ ports }) => ports),
    files: pair(({ files }) => files),
    folders: pair(({ folders }) => folders),
    tempFiles: pair(({ tempFiles }) => tempFiles),
  };
  const memoryMegabytes = {
    gateway: pair((sample) => Math.round(sample.memoryMegabytes.gateway)),
    emulator: pair((sample) => Math.round(sample.memoryMegabytes.emulator)),
  };
  const leaks = [
    ...Object.entries(counts).flatMap(([what, grown]) => grew(what, grown, TOLERANCE[what] ?? 0)),
    ...Object.entries(memoryMegabytes).flatMap(([what, grown]) =>
      grew(`MB of the ${what}`, grown, HEAP_TOLERANCE_MB + DATA_OF_A_DEPLOY_MB * deploys),
    ),
  ];
  return { deploys, failed, ...counts, memoryMegabytes, leaks };
}

function grew(what: string, { before, after }: BeforeAndAfter, tolerance: number): string[] {
  if (after <= before + tolerance) return [];
  return [`${what} grew from ${before} to ${after}${tolerance > 0 ? `, by more than ${tolerance}` : ''}`];
}
