import type { Invocation } from '../seam/call.ts';

/** An invocation as tests need one. */
export const fakeInvocation = (change: Partial<Invocation> = {}): Invocation => ({
  id: 1,
  functionName: 'control',
  step: 'startDeploy',
  payload: {},
  clockSkewMs: 0,
  calls: 0,
  ended: false,
  ...change,
});
