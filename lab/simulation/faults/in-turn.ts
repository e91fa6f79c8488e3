import type { Aim } from './aim.ts';

/** Every third seed is of a fleet with sessions in memory, which has aims of its own. */
const FLEETS = 3;

/**
 * The aims as seeds take them, one after the other. By a list whose length three divides, each aim would come to the seeds of one remainder
 * alone: some to no seed of their own fleet.
 */
export const inTurn = (aims: readonly Aim[]): readonly Aim[] => (aims.length % FLEETS === 0 ? [...aims, ...aims.slice(0, 1)] : aims);
