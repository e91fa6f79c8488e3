import type { Kernel } from '../kernel/kernel.ts';
import type { Handler } from './lambda-functions.ts';

/** A function's process, which runs one invocation at a time. */
export interface ExecutionEnvironment {
  readonly handler: Handler;
  readonly clockSkewMs: number;
  readonly isCold: boolean;
}

/** Lambda ends environments that have been idle for some minutes; how many it does not say. */
const LONGEST_IDLE_MS = 600_000;

interface Idle {
  readonly environment: ExecutionEnvironment;
  readonly sinceMs: number;
}

/** The environments of one function: an invocation that finds none idle gets a new one. */
export class ExecutionEnvironments {
  private readonly idle: Idle[] = [];
  private readonly kernel: Kernel;
  private readonly start: () => Omit<ExecutionEnvironment, 'isCold'>;

  constructor(kernel: Kernel, start: () => Omit<ExecutionEnvironment, 'isCold'>) {
    this.kernel = kernel;
    this.start = start;
  }

  /** The one that was used last, or a cold one. */
  take(): ExecutionEnvironment {
    const found = this.idle.pop();
    if (found !== undefined && this.kernel.now() - found.sinceMs <= LONGEST_IDLE_MS) return found.environment;
    this.idle.length = 0;
    return { ...this.start(), isCold: true };
  }

  /** After an invocation that neither crashed nor ran out of time: those take their environment with them. */
  giveBack(environment: ExecutionEnvironment): void {
    this.idle.push({ environment: { ...environment, isCold: false }, sinceMs: this.kernel.now() });
  }
}
