/** What is expected of the cases. Pure. */
import type { CaseName, SweepCase } from './sweep-case.ts';

const MIN_RATIO_TO_SCAN = 1.1;
const MIN_RATIO_TO_SCAN_PTTL = 2.5;
const ALWAYS_ALLOWED_MS = 1;
const MAX_RATIO_TO_IDLE = 2;
const MAX_RATIO_TO_IDLE_PACED = 1.3;
const MAX_MS_ABOVE_IDLE_PACED = 0.1;
const MAX_SHARE_PACED_PERCENT = 1.5;
const MAX_RATIO_TO_CONTROL = 1.2;
const MAX_SHARE_OF_PRIMARY_PERCENT = 0.5;
const MAX_VERDICT_MS = 50;

interface Expectation {
  readonly of: readonly CaseName[];
  /** The sentence about what was not met. */
  readonly judge: (...cases: SweepCase[]) => string | undefined;
}

const EXPECTATIONS: readonly Expectation[] = [
  atLeast('holdfast', MIN_RATIO_TO_SCAN, 'scan', 'a bare SCAN with one cursor'),
  atLeast('holdfast', 1, 'holdfast-one-cursor', 'one cursor with pages of 200'),
  atLeast('holdfast', MIN_RATIO_TO_SCAN_PTTL, 'scan-pttl', 'SCAN with pipelined PTTL'),
  atLeast('holdfast-replica', MIN_RATIO_TO_SCAN, 'scan', 'a bare SCAN with one cursor'),
  {
    of: ['holdfast', 'scan'],
    judge: (holdfast, scan) =>
      holdfast?.count === scan?.count ? undefined : `holdfast used COUNT ${holdfast?.count}, and the bare SCAN ${scan?.count}`,
  },
  slowerGet('holdfast', 'idle', (idleMs) => Math.max(ALWAYS_ALLOWED_MS, MAX_RATIO_TO_IDLE * idleMs)),
  slowerGet('holdfast-paced', 'idle', (idleMs) => MAX_RATIO_TO_IDLE_PACED * idleMs + MAX_MS_ABOVE_IDLE_PACED),
  slowerGet('holdfast-replica', 'control', (controlMs) => MAX_RATIO_TO_CONTROL * controlMs),
  atMostShare('holdfast-paced', MAX_SHARE_PACED_PERCENT),
  atMostShare('holdfast-replica', MAX_SHARE_OF_PRIMARY_PERCENT),
  {
    of: ['holdfast-clean'],
    judge: (clean) =>
      (clean?.verdictMs ?? Number.POSITIVE_INFINITY) <= MAX_VERDICT_MS
        ? undefined
        : `holdfast-clean takes ${clean?.verdictMs} ms from connecting to the verdict; ${MAX_VERDICT_MS} ms are allowed`,
  },
];

/**
 * One sentence per expectation that was not met. Expectations about cases that were not chosen are not judged.
 * @param chosen the cases that were to run
 */
export function unmetExpectations(cases: readonly SweepCase[], chosen: readonly CaseName[]): string[] {
  const find = (name: CaseName) => cases.find((one) => one.name === name);
  return EXPECTATIONS.filter(({ of }) => of.every((name) => chosen.includes(name))).flatMap(({ of, judge }) => {
    const found = of.map(find);
    const missing = of.filter((_, at) => found[at] === undefined);
    const sentence = missing.length > 0 ? `there is no result of ${missing.join(' and ')}` : judge(...(found as SweepCase[]));
    return sentence === undefined ? [] : [sentence];
  });
}

function atLeast(name: CaseName, minRatio: number, other: CaseName, described: string): Expectation {
  return {
    of: [name, other],
    judge: (one, reference) => {
      const ratio = (one?.keysPerSecond ?? 0) / (reference?.keysPerSecond ?? 0);
      return ratio >= minRatio
        ? undefined
        : `${name} runs at ${ratio.toFixed(2)} of the speed of ${described}; ${minRatio} or more is expected`;
    },
  };
}

function slowerGet(name: CaseName, other: CaseName, allowedMs: (referenceMs: number) => number): Expectation {
  return {
    of: [name, other],
    judge: (one, reference) => {
      const most = allowedMs(reference?.probeP99Ms ?? 0);
      return (one?.probeP99Ms ?? 0) <= most
        ? undefined
        : `during ${name} a GET on the primary takes ${one?.probeP99Ms} ms (P99); ${most.toFixed(2)} ms are allowed (${other}: ${reference?.probeP99Ms} ms)`;
    },
  };
}

function atMostShare(name: CaseName, mostPercent: number): Expectation {
  return {
    of: [name],
    judge: (one) =>
      (one?.storeSharePercent ?? 0) <= mostPercent
        ? undefined
        : `${name} takes ${one?.storeSharePercent} % of the primary's time; ${mostPercent} % are allowed`,
  };
}
