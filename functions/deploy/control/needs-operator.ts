import type { EndedAs } from '../../records/types.ts';

/** Refusals: the input is wrong, or another deploy has the lock. Nothing is touched, and the caller reads why at once. */
const REFUSALS: ReadonlySet<string> = new Set(['InvalidInput', 'InvalidVersion', 'ReleaseNotFound', 'DeployInProgress']);

/** Whether a deploy or a restart ended by this error before it had a record. */
export const isRefusal = (errorName: string | undefined): errorName is string => errorName !== undefined && REFUSALS.has(errorName);

/** Whether the end of a deploy that did not succeed pages somebody: not when it was refused, nor when a user stopped it. */
export const needsOperator = (errorName: string, endedAs: EndedAs | 'SUCCEEDED'): boolean => endedAs !== 'ABORTED' && !isRefusal(errorName);
