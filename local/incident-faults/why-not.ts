/** Whether an installation can have a fault. Pure. */
import type { Fault } from './contract.ts';

/** What faults need of the local cloud that is up. */
export interface Abilities {
  /** The fleet's target group is sticky. */
  readonly sticky: boolean;
  /** The load balancer has a listener for plain HTTP. */
  readonly plainListener: boolean;
  /** Servers of an Auto Scaling group, which Run Command reaches. */
  readonly groupServers: boolean;
}

/** Why the installation cannot have the fault, and what to do: the end of a sentence; undefined if it can. */
export function whyNot({ changes, needsSticky }: Fault, { sticky, plainListener, groupServers }: Abilities): string | undefined {
  if (needsSticky && !sticky)
    return 'needs a fleet whose target group is sticky: start the local cloud with "--config FILE", in which the fleet has "strategy": "sticky"';
  const byHttp = changes.some((change) => change.kind === 'plainListener' || (change.kind === 'visitors' && change.visit === 'by-http'));
  if (byHttp && !plainListener) return 'needs a listener for plain HTTP, and the load balancer has none';
  if (changes.some(({ kind }) => kind === 'environment') && !groupServers)
    return 'needs servers of an Auto Scaling group, and the fleet has none: start the local cloud without the strategy "tomcat-cluster"';
  return undefined;
}
