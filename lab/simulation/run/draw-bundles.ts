/** What a run of a fleet of CodeDeploy bundles has besides, by a draw of its own: what else a seed draws stays as it is. */
import type { BundleEvent } from '../../../functions/shared/app-contract.ts';
import { drawBundle, MAIN_FILE } from '../cloud/bundles.ts';
import type { Release } from '../cloud/releases.ts';
import type { Variant } from '../installation/synthesize-installation.ts';
import type { Random } from '../kernel/random.ts';
import type { BundleRun } from './bundle-run.ts';
import type { RunPlan } from './draw-run.ts';

const BUNDLES = 0.25;
const SMUGGLED = 0.12;
const STOPS: readonly BundleEvent[] = ['BeforeBlockTraffic', 'AfterBlockTraffic', 'ApplicationStop'];
const BEFORE_TRAFFIC: readonly BundleEvent[] = [
  'BeforeInstall',
  'AfterInstall',
  'ApplicationStart',
  'ValidateService',
  'BeforeAllowTraffic',
];

export const drawVariant = (seed: Random): Variant | undefined => (seed.chance(BUNDLES) ? seed.pick(['bundles', 'adopting']) : undefined);

export function drawBundles(plan: RunPlan, random: Random, variant: Variant): RunPlan {
  if (variant !== 'bundles' && variant !== 'adopting') return drawSmuggled(plan, random);
  const ranBefore = variant === 'adopting';
  const drawn = { ...withoutCampaign(plan), first: plan.first && !ranBefore };
  if (ranBefore && plan.aim === undefined && random.chance(0.45)) return drawAdoption(drawn, random);
  const differs = ranBefore && random.chance(0.3);
  const failing = plan.kind === 'chaos' && random.chance(0.4) ? 0.15 * random.fraction() : undefined;
  const bundle = { differs, ranBefore, bad: [], ...(failing !== undefined && { failing }) };
  return drawBad({ ...drawn, bundle }, bundle, random);
}

/**
 * Nearly everybody meets a bundle between its registration and its bake, whose scripts take time: too few are left to see that a campaign
 * which began minutes before the deploy is on the other servers too.
 */
function withoutCampaign(plan: RunPlan): RunPlan {
  const { people, ...rest } = plan;
  return people?.startsWith('campaign') ? rest : plan;
}

/** It leaves everything as it is: nothing waits, and nothing goes back. */
function drawAdoption(plan: RunPlan, random: Random): RunPlan {
  const { pause: _, people: __, restarts: ___, badAt: ____, ...rest } = plan;
  const isRefused = plan.kind === 'bad release';
  const isNotReady = isRefused && random.chance(0.4);
  const differs = isRefused ? !isNotReady : random.chance(0.4);
  return {
    ...rest,
    ...(isRefused && { badAt: 'differs' }),
    recover: false,
    halts: false,
    again: plan.again || random.chance(0.5),
    bundle: {
      adopts: isRefused || !differs ? 'equal' : 'differences',
      differs,
      ...(isNotReady && { isNotReady }),
      ranBefore: true,
      bad: [],
    },
  };
}

const drawEnd = (random: Random) => ({ ends: random.chance(0.75) ? ('fails' as const) : ('hangs' as const) });

function drawBad(plan: RunPlan, bundle: BundleRun, random: Random): RunPlan {
  const bad = (whose: 'old' | 'new', events: readonly BundleEvent[]) => ({ whose, event: random.pick(events), ...drawEnd(random) });
  const stopsBadly = random.chance(0.4) ? [bad('new', STOPS)] : [];
  if (plan.aim !== undefined) return { ...plan, bundle: { ...bundle, bad: stopsBadly, ...plan.aimedBundle } };
  if (plan.kind === 'bad release' && random.chance(0.6)) {
    const badAt = random.pick(plan.first ? (['hook', 'lateHook'] as const) : (['hook', 'lateHook', 'stop'] as const));
    const found = badAt === 'stop' ? bad('old', STOPS) : bad('new', badAt === 'hook' ? BEFORE_TRAFFIC : ['AfterAllowTraffic']);
    return { ...plan, badAt, bundle: { ...bundle, bad: [found, ...(badAt === 'stop' ? [] : stopsBadly)] } };
  }
  const goesOn = (plan.kind === 'calm' || plan.kind === 'brief') && !plan.first && random.chance(0.25);
  if (!goesOn) return { ...plan, bundle: { ...bundle, bad: stopsBadly } };
  return { ...plan, bundle: { ...bundle, bad: [bad('old', STOPS)], ignoresStopFailures: true } };
}

/** A release of another kind of fleet that is a bundle all the same. */
function drawSmuggled(plan: RunPlan, random: Random): RunPlan {
  const { aim, first, badAt, restarts, kind, people, pause } = plan;
  if (kind !== 'calm' || aim !== undefined || first || badAt || restarts || people || pause || !random.chance(SMUGGLED)) return plan;
  return { ...plan, kind: 'bad release', badAt: 'smuggled' };
}

/** The release as a bundle, which never has counts. */
export function asBundle(release: Release, { bundle }: RunPlan, random: Random, whose?: 'old' | 'new'): Release {
  const bad = bundle?.bad.filter((one) => one.whose === whose) ?? [];
  // What was not adopted is in the way of a bundle that overwrites nothing.
  const fileExists = bundle?.adopts ? ('OVERWRITE' as const) : undefined;
  return {
    ...release,
    behaviour: { ...release.behaviour, offersCounts: false, ...(whose === 'old' && bundle?.isNotReady && { isReady: false }) },
    isHidden: release.quality === 'smuggled' && random.chance(0.6),
    bundle: drawBundle(random, release.version, { bad, fileExists, isSlow: whose === 'new' && bundle?.slow }),
  };
}

/** What a server has in the place of its release's files; undefined for a file that it does not have. */
export function drawChanges(random: Random, version: string, { files }: NonNullable<Release['bundle']>): Map<string, string | undefined> {
  const paths = [...files.keys()];
  const changed = random.shuffle(paths).slice(0, random.whole(1, paths.length));
  return new Map(
    changed.map((path) => [path, path === MAIN_FILE ? `${version},patched` : random.chance(0.3) ? undefined : 'edited by hand']),
  );
}
