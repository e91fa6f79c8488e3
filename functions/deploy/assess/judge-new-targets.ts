import { TargetFailed } from '../errors.ts';
import type { FleetMember } from './fleet-members.ts';

/** What the load balancer shows of the servers that have the release while a deploy waits. */
export interface NewTargets {
  readonly version: string;
  /** Ids of the targets that the deploy has brought the release to. */
  readonly done: readonly string[];
  readonly members: readonly FleetMember[];
  /** The session store's primary changed in mid-deploy. */
  readonly storeFailedOver: boolean;
}

/**
 * Why a wait cannot end well any more: a server with the release has turned unhealthy, as its bake would have failed, or none is left that
 * serves, so that nobody could see how the release does. After a failover of the store, which may be
 * the cause of unhealthy servers as of alarms, the operator judges both.
 */
export function judgeNewTargets({ version, done, members, storeFailedOver }: NewTargets): TargetFailed | undefined {
  if (storeFailedOver) return undefined;
  const present = members.filter(({ instanceId, lifecycle }) => done.includes(instanceId) && lifecycle === 'inService');
  const unhealthy = present.filter(({ health }) => health === 'unhealthy').map(({ instanceId }) => instanceId);
  const whileItWaited = 'while the deploy waited to be continued';
  if (unhealthy.length > 0) return new TargetFailed(`${unhealthy.join(', ')} turned unhealthy with release ${version} ${whileItWaited}`);
  if (present.some(({ health }) => health === 'healthy' || health === 'initial')) return undefined;
  return new TargetFailed(`no server with release ${version} serves any more (${done.join(', ')}) ${whileItWaited}`);
}
