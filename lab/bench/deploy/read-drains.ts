/** How each server of a deploy was drained, by what its runs of wait-idle printed. */
import type { TargetProgress } from '../../../functions/records/types.ts';
import type { Drain } from './judge-cases.ts';
import type { LocalFleet } from './local-fleet.ts';

type Slices = Awaited<ReturnType<LocalFleet['drainSlices']>>;

/** @param targets in the order of the deploy, by id */
export async function readDrains(
  fleet: Pick<LocalFleet, 'drainSlices'>,
  targets: readonly (readonly [id: string, progress: TargetProgress])[],
): Promise<readonly Drain[]> {
  return Promise.all(
    targets.map(async ([id, { phases = [] }]) => {
      const begin = (name: string) => phases.findLast(({ phase }) => phase === name)?.startedAtMs ?? 0;
      const [startMs, endMs] = [begin('draining'), begin('installing')];
      return describeSlices(startMs, endMs, await fleet.drainSlices(id, startMs));
    }),
  );
}

/** Pure. A slice that ended with ties alone in flight counts as one that they held. */
export function describeSlices(startMs: number, endMs: number, slices: Slices): Drain {
  const held = slices.filter(({ output: { inFlight = 0, ties = 0 } }) => inFlight > 0 && inFlight <= ties);
  const tieMs = held.reduce((sum, slice) => sum + slice.endMs - slice.startMs, 0);
  return { signal: slices.at(-1)?.output.signal ?? 'none', seconds: (endMs - startMs) / 1000, tieSeconds: tieMs / 1000 };
}
