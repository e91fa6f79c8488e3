import { DEPLOY_ERRORS } from '../deploy/errors.ts';
import { HoldfastError } from '../shared/errors.ts';

/** A server went, and none that serves came in its place. The others are as they were. */
export class ReplacementFailed extends HoldfastError {
  override readonly name = 'ReplacementFailed';
}

/** The group would launch no server in place of one that goes. Nothing was changed. */
export class LaunchesSuspended extends HoldfastError {
  override readonly name = 'LaunchesSuspended';
}

/** Errors that repeating the step does not change. */
export const REFRESH_ERRORS = [
  ...DEPLOY_ERRORS,
  'ReplacementFailed',
  'LaunchesSuspended',
  'NoLaunchTemplate',
  'AutoScalingGroupNotFound',
] as const;
