import type { DeployContext } from '../contract/common.ts';

/**
 * Whether the deploy goes on where it cannot wait for users' sessions: an operator has said so. One that resumes another deploy begins with
 * too few healthy targets by itself, and ends nobody's session for that.
 */
export const endsSessions = ({ recover, keepsSessions }: Pick<DeployContext, 'recover' | 'keepsSessions'>): boolean =>
  recover && keepsSessions !== true;
