/** The cases, in the order of the first round. */
import { SWEEPER_MEMORY_MEGABYTES } from '../../../infra/constructs/store/store-sweeper.ts';
import type { CaseName } from './sweep-case.ts';
import type { SweepWork, Work } from './work/work.ts';

export interface CasePlan {
  readonly name: CaseName;
  readonly work: Work;
  /** The function's memory, in the case `holdfast-lambda-share`. */
  readonly memoryMegabytes?: number;
}

const IDLE_SECONDS = 4;
/** A gentle sweep of a million keys takes minutes: only its start is measured. */
const PACED_SECONDS = 8;
/** COUNT of the bare SCAN: the largest page of a fast sweep. */
const COUNT = 100;
/** COUNT at which SCAN with PTTL is fastest. */
const PTTL_COUNT = 1_000;
const SEED_LOOP_KEYS = 300;
/** The function's own first. */
const MEMORY_MEGABYTES = [...new Set([SWEEPER_MEMORY_MEGABYTES, 512, 1_024, 1_769])];

const SWEEP: SweepWork = { kind: 'sweep', on: 'store', readFrom: 'primary', pace: 'fast', asUser: false };
const asUser = { ...SWEEP, asUser: true };

const PLANS: readonly CasePlan[] = [
  { name: 'idle', work: { kind: 'wait', seconds: IDLE_SECONDS } },
  { name: 'scan', work: { kind: 'scan', count: COUNT } },
  { name: 'holdfast', work: SWEEP },
  { name: 'holdfast-one-cursor', work: { ...SWEEP, reading: { parts: 1, count: 200 } } },
  { name: 'holdfast-replica', work: { ...SWEEP, readFrom: 'replica' } },
  { name: 'control', work: { ...SWEEP, on: 'control', readFrom: 'replica' } },
  { name: 'scan-pttl', work: { kind: 'scan-pttl', count: PTTL_COUNT } },
  { name: 'holdfast-contents', work: { ...SWEEP, on: 'persistent' } },
  { name: 'holdfast-acl-tls', work: asUser },
  ...MEMORY_MEGABYTES.map((memoryMegabytes): CasePlan => ({ name: 'holdfast-lambda-share', work: asUser, memoryMegabytes })),
  { name: 'holdfast-clean', work: { kind: 'clean' } },
  { name: 'holdfast-paced', work: { ...SWEEP, pace: 'gentle', maxSeconds: PACED_SECONDS } },
  { name: 'memkeys', work: { kind: 'memkeys' } },
  { name: 'seed-loop', work: { kind: 'seed-loop', slice: SEED_LOOP_KEYS } },
];

export const planCases = (chosen: readonly CaseName[]): readonly CasePlan[] => PLANS.filter(({ name }) => chosen.includes(name));
