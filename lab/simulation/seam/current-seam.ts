/** What the functions' replaced modules and the SDK's clients are connected to while a run lasts. */
import type { Kernel } from '../kernel/kernel.ts';
import type { Invocation, ServiceName } from './call.ts';
import type { Attempt } from './delivery.ts';

export interface MetricValue {
  readonly name: string;
  readonly value: number;
  readonly unit: 'Count' | 'Seconds';
}

export interface Seam {
  readonly kernel: Kernel;
  /** Begins a call of the current invocation. Undefined once that has ended: then the call never settles. */
  begin(service: ServiceName, operation: string, input: unknown): Omit<Attempt, 'limitMs'> | undefined;
  /** @throws AwsError, or a time-out; never settles for an invocation that has ended */
  attempt(attempt: Attempt): Promise<object>;
  readonly metric: (metric: MetricValue, invocation: Invocation | undefined) => void;
}

let current: Seam | undefined;

/** @throws Error outside of a run */
export function currentSeam(): Seam {
  if (current === undefined) throw new Error('no simulated run is going on');
  return current;
}

export function setSeam(seam: Seam | undefined): void {
  current = seam;
}
