/** What of the evidence steps name: resources of commands, and how busy the store is. Pure. */
import { clockText } from '../../shared/times.ts';
import { type Evidence, factsOf } from '../contract/evidence.ts';
import { latestReading } from '../trouble/store-channels.ts';
import type { ResourceName } from './commands.ts';

/** Users come by HTTPS where there is any. */
export function resourceNames(evidence: Evidence | undefined): Readonly<Partial<Record<ResourceName, string>>> {
  const { arns, listeners = [] } = factsOf(evidence, 'balancer') ?? {};
  const listener = (listeners.find(({ protocol }) => protocol === 'HTTPS') ?? listeners[0])?.arn;
  const groups = new Set((factsOf(evidence, 'storeGroup')?.members ?? []).map(({ node }) => node.replace(/(?:-\d{4})?-\d{3}$/, '')));
  const [store] = groups;
  return {
    ...(arns && { target_group: arns.targetGroup }),
    ...(arns?.loadBalancer !== undefined && { load_balancer: arns.loadBalancer }),
    ...(listener !== undefined && { listener }),
    ...(store !== undefined && groups.size === 1 && { store }),
  };
}

/** `At the last reading (10:49 UTC) the busiest engine was at 3 %, and the primary answered in 4 ms.` */
export function loadText(evidence: Evidence | undefined): string {
  const reading = evidence && latestReading(evidence);
  const cpu = reading?.engineCpuPercent ?? null;
  const primary = (factsOf(evidence, 'store')?.nodes ?? []).find(({ role, pingMs }) => role === 'primary' && pingMs !== undefined);
  const parts = [
    ...(reading === undefined || cpu === null
      ? []
      : [`the busiest engine was at ${Math.round(cpu)} % in the minute before ${clockText(reading.takenAtMs).slice(0, 5)} UTC`]),
    ...(primary?.pingMs === undefined ? [] : [`the primary answered the collector in ${Math.round(primary.pingMs)} ms`]),
  ];
  return parts.length === 0 ? '' : ` As it was read, ${parts.join(', and ')}.`;
}
