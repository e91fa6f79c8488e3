import { AsyncLocalStorage } from 'node:async_hooks';
import type { Invocation } from './call.ts';

/** The invocation that the running code belongs to; undefined in the simulation itself. */
export const currentInvocation = new AsyncLocalStorage<Invocation>();

/** `control (step "startDeploy")`, for messages. */
export function describeInvocation(invocation: Invocation | undefined): string {
  return invocation === undefined ? 'the simulation itself' : `the function ${invocation.functionName} (step "${invocation.step}")`;
}
