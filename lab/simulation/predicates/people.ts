import type { DeployRecord, TargetProgress } from '../../../functions/records/types.ts';
import type { PredicateId } from './predicate.ts';
import type { View } from './view.ts';

/** Fewer can be too few to judge. */
const ENOUGH = 15;
const FEW = 20;
/** Before a bake's end: its last look is sent then, at the latest. */
const LAST_LOOK_MS = 6_000;
const BAKE_MS = 15_000;
/** What a deploy may stop with, by where its release is bad. */
const STOPS: Readonly<Record<string, readonly string[]>> = {
  people: ['UsersTurnedAway', 'PagesBroken'],
  bake: ['PagesBroken'],
  settle: ['PagesBroken'],
};

/** S15 and S16: by what servers answered, whatever was asked of them. */
export function judgePeopleRules(view: View, broken: (predicate: PredicateId, text: string) => void): void {
  for (const deploy of view.deploys()) {
    const { deployId, to, error, targets } = deploy;
    const { Error: stop = '', Cause = '' } = error ?? {};
    const allowed = STOPS[view.badAt(to) ?? ''] ?? [];
    if (STOPS['people']?.includes(stop) && !allowed.includes(stop) && !cannotTell(view, deploy))
      broken('S16', `deploy ${deployId} stopped for people: ${Cause}`);
    if (isLetThrough(view, deploy) || !view.isUndisturbed()) continue;
    for (const [instanceId, target] of Object.entries(targets)) {
      const hurt = hurtInBake(view, instanceId, target, to);
      if (hurt >= ENOUGH)
        broken('S15', `deploy ${deployId} went on, and release ${to} on ${instanceId} had hurt ${hurt} people by its last look`);
    }
  }
}

/**
 * A campaign that has only begun is not in what was before, and few people do not show that it has risen on the old servers as well. Once no
 * server has the previous release, only earlier bakes can tell it from the new one, if they had people enough.
 */
export function cannotTell(view: View, { error, targets, people }: Pick<DeployRecord, 'error' | 'targets' | 'people'>): boolean {
  if (!view.hasCampaign() || error?.Error !== 'UsersTurnedAway') return false;
  const [, of] = / of ([0-9]+) people /.exec(error.Cause ?? '') ?? [];
  const areLast = Object.values(targets).every(({ phases = [] }) => phases.some(({ phase }) => phase === 'registering'));
  return Number(of) < FEW || (areLast && people?.fine?.includes('turnedAway') !== true);
}

function isLetThrough(view: View, { to, expect, restart }: DeployRecord): boolean {
  const hurts = view.hurts(to);
  return hurts === undefined || restart !== undefined || expect === (hurts === 'missingParts' ? 'pages' : 'turned-away');
}

/** 0 unless it is done with that. */
function hurtInBake(view: View, instanceId: string, { phases = [], fromVersion }: TargetProgress, version: string): number {
  const at = (wanted: string) => phases.find(({ phase }) => phase === wanted)?.startedAtMs;
  const [registeredMs, bakedFromMs] = [at('registering'), at('baking')];
  if (at('done') === undefined || registeredMs === undefined || bakedFromMs === undefined || fromVersion === 'none') return 0;
  return view.countHurt(instanceId, version, registeredMs, bakedFromMs + BAKE_MS - LAST_LOOK_MS);
}
