import { isMultiplexed, type Registration } from '../shared/aws/target-group.ts';
import type { DrainedTarget } from './progress.ts';

/** What a drain has to know of the target that is deregistered. */
export function drainedTarget(
  registrations: readonly Registration[],
  protocolVersion: string | undefined,
  deregisteredAtMs: number,
): DrainedTarget {
  const ports = [...new Set(registrations.flatMap(({ port }) => port ?? []))];
  return { ports, deregisteredAtMs, ...(isMultiplexed(protocolVersion) && { multiplexed: true }) };
}
