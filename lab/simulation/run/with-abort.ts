import type { WorldFault } from '../faults/fault-plan.ts';
import type { RunPlan } from './draw-run.ts';

/** An abort is a fault of the plan like others, by the operator. */
export function withAbort({ faults, abortAt }: RunPlan) {
  if (abortAt === undefined) return faults;
  const abort: WorldFault = { kind: 'operator.abort', when: abortAt, server: 0, lastsMs: 0 };
  return { ...faults, world: [...faults.world, abort], healAtMs: faults.healAtMs || Number.POSITIVE_INFINITY };
}
