/** One seed: draws a run, lets it happen in virtual time, and judges it. */
import { loadFunctions } from './cloud/lambda-functions.ts';
import { type SimulatedDocuments, simulatedDocuments } from './cloud/ssm/simulated-documents.ts';
import { type Drawable, describePlan } from './faults/fault-plan.ts';
import { PAUSE_MINUTES } from './faults/pause-aims.ts';
import { type CheckedMachines, checkedMachines } from './installation/definitions.ts';
import type { Installation } from './installation/installation.ts';
import type { Installations } from './installation/installation-file.ts';
import { drawableOf } from './installation/reachable.ts';
import { withAddresses } from './installation/with-addresses.ts';
import { withSettings } from './installation/with-settings.ts';
import { Kernel } from './kernel/kernel.ts';
import { replaceGlobals } from './kernel/virtual-globals.ts';
import { drawBundles, drawVariant } from './run/draw-bundles.ts';
import { describeRun, drawAddresses, drawPeople, drawRun, drawSeveral, drawStop, type RunPlan } from './run/draw-run.ts';
import { Run } from './run/run.ts';
import type { SeedResult } from './run/seed-result.ts';
import { serverIds } from './world/world.ts';

const loaded = await loadFunctions();

/** What is the same in every run of an installation. */
interface Prepared {
  readonly machines: CheckedMachines;
  readonly documents: SimulatedDocuments;
  readonly drawable: Drawable;
}
const prepared = new Map<Installation, Prepared>();

function prepare(installation: Installation): Prepared {
  const known = prepared.get(installation);
  if (known) return known;
  const bucket = installation.functions.command.environment['HOLDFAST_RELEASES_BUCKET'] ?? '';
  const machines = checkedMachines(installation);
  const documents = simulatedDocuments(installation.documents, bucket, installation.bundles ? installation.fleet : undefined);
  const made = { machines, documents, drawable: drawableOf(installation, machines) };
  prepared.set(installation, made);
  return made;
}

/** Every so many seeds sessions are in the memory of servers. No multiple of what a seed's kind is drawn by. */
const STICKY_EVERY = 3;
/** Every so many of them the fleet shares its listener with other services. */
const SHARED_EVERY = 2;

/** A seed's run before it happens: which installation, and what goes wrong in it. */
export function drawSeed(seed: number, installations: Installations): { readonly variant: keyof Installations; readonly plan: RunPlan } {
  const random = new Kernel(seed).random('run');
  const isSticky = seed % STICKY_EVERY === 0;
  const other = random.chance(0.2) ? 'existing' : 'created';
  const ofBundles = new Kernel(seed).random('bundles');
  const variant = isSticky ? stickyVariant(seed) : (drawVariant(ofBundles) ?? other);
  const installation = installations[variant];
  const drawn = drawRun(seed, random, prepare(installation).drawable);
  // What servers have that ran before Holdfast is no placeholder, and nothing that a rollback could bring back.
  const plan = { ...drawn, first: drawn.first && variant !== 'existing' };
  const people = new Kernel(seed).random('people');
  if (isSticky) return { variant, plan: drawPeople(whereSessionsAreWaitedFor(plan), people, isSticky) };
  const several = drawStop(drawSeveral(plan, new Kernel(seed).random('several')), new Kernel(seed).random('pause'));
  const drawnAddresses = installation.bundles ? several : drawAddresses(seed, several);
  const withPeople = drawPeople(drawnAddresses, people, isSticky);
  if (drawnAddresses.addresses !== undefined) return { variant: 'existing', plan: withPeople };
  return { variant, plan: drawBundles(withPeople, ofBundles, variant) };
}

const stickyVariant = (seed: number) => (seed % (STICKY_EVERY * SHARED_EVERY) === 0 ? 'shared' : 'sticky');

/** One server at a time. A deploy that is to stop after its first servers is refused: it has nothing to achieve but to begin none. */
const whereSessionsAreWaitedFor = (plan: RunPlan): RunPlan => ({
  ...plan,
  maxParallel: undefined,
  ...(plan.pause && plan.kind === 'calm' && { kind: 'abort' }),
});

/** @throws Error when the run cannot go on: an unknown operation, real time, a loop */
export async function runSeed(seed: number, installations: Installations, { keepTimeline = false } = {}): Promise<SeedResult> {
  const { variant, plan } = drawSeed(seed, installations);
  const base = installations[variant];
  const settings = {
    ...(plan.maxParallel !== undefined && { maxParallel: plan.maxParallel }),
    ...(plan.pause && { pauseMinutes: PAUSE_MINUTES }),
  };
  const listed = plan.addresses === undefined ? base : withAddresses(base, serverIds(plan.servers), plan.addresses);
  const installation = Object.keys(settings).length === 0 ? listed : withSettings(listed, settings);
  const kernel = new Kernel(seed, { keepTimeline });
  const restore = replaceGlobals(kernel);
  try {
    const run = new Run({ kernel, plan, installation, functions: loaded, ...prepare(base) });
    await run.go();
    return { ...run.result(), plan: [`servers: ${variant}`, ...describeRun(plan), ...describePlan(plan.faults)] };
  } finally {
    restore();
  }
}
