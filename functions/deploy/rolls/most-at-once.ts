import type { TargetProgress } from '../../records/types.ts';

/** How many servers a deploy works on at once: a number, or a part of the fleet such as `25%`. */
export type MaxParallel = number | string;

/** The limit for a fleet of so many servers. A percentage rounds down, and is at least one. */
export function mostAtOnce(maxParallel: MaxParallel, servers: number): number {
  if (typeof maxParallel === 'number') return maxParallel;
  return Math.max(1, Math.floor((servers * Number.parseInt(maxParallel, 10)) / 100));
}

/** The servers that a percentage refers to: those that the fleet had when the deploy was planned, so that the limit stays the same. */
export const plannedServers = (targets: Readonly<Record<string, Pick<TargetProgress, 'newcomer'>>>): number =>
  Object.values(targets).filter(({ newcomer }) => !newcomer).length;

/** What a roll is given of it: how many poll at the same time, which cannot be more than there are; nothing for one at a time. */
export const givenAtOnce = (limit: number, servers: number): { readonly atOnce?: number } =>
  Math.min(limit, servers) > 1 ? { atOnce: Math.min(limit, servers) } : {};
