import { randomBytes } from 'node:crypto';
import type { DialectShares, KeyTotals } from '../records/dialect-shares.ts';
import { sumOf } from '../shared/arithmetic.ts';
import { describeError } from '../shared/errors.ts';
import { parseJson } from '../shared/json.ts';
import { LOG_EVENTS } from '../shared/log-events.ts';
import { sweepReportKey } from '../shared/naming.ts';
import type { NodeAddress } from '../shared/store/cluster-slots.ts';
import { begin } from './begin/begin.ts';
import { readCounters } from './begin/read-counters.ts';
import { type BeginPorts, settingsKeyOf, totalIn } from './begin/sample-units.ts';
import { checkSlots, unitsOf } from './check-slots.ts';
import type { Checkpoint } from './contract/checkpoint.ts';
import type { StoreCounters, SweepSummary, UnknownGrowth } from './contract/record.ts';
import type { BeginReply, ShardReply, SlotsReply, SweepContext, SweepRequest } from './contract/steps.ts';
import { DatabaseRefused, SweepLeaseLost } from './errors.ts';
import { createHashId, type HashId } from './keys/hash-id.ts';
import { connectToShard, selectDatabase } from './nodes/shards.ts';
import { type CountedKeys, growthSince, withGrowth } from './report/compare-shapes.ts';
import { EMPTY_TALLY } from './report/count-tally.ts';
import { countShapes } from './report/learned-shapes.ts';
import { makeBaseline, type SweptUnit, unrepairedIn } from './report/make-baseline.ts';
import { makeReport, sharesOf } from './report/make-report.ts';
import { mergeTallies } from './report/merge-tallies.ts';
import { sharesOfPaused, withPause } from './report/refresh-shares.ts';
import type { SweepMetrics } from './report/sweep-metrics.ts';
import type { ShardPorts } from './shard-ports.ts';
import { sweepShard } from './sweep-shard.ts';
import { databaseOf, describeUnit } from './unit-name.ts';

export interface SweepPorts extends Omit<BeginPorts, 'hashId'>, Pick<ShardPorts, 'storeName' | 'storeNodes'> {
  readonly metrics: SweepMetrics;
  /** Time of one invocation for reading and repairing keys. */
  readonly budgetMs: number;
}

export type SweepReply = BeginReply | ShardReply | SlotsReply | SweepSummary | Record<string, never>;

/** The steps of a sweep, as its state machine calls them. Each can be repeated. */
export function createSweep(ports: SweepPorts): (request: SweepRequest) => Promise<SweepReply> {
  return async (request) => {
    switch (request.step) {
      case 'begin':
        return begin({ ...ports, hashId: () => hashIdOf(ports) }, request);
      case 'sweepShard': {
        const hashId = await hashIdOf(ports);
        const connect = () => connectToShard(ports.connect, request.shard, request.shards);
        const connectTo = async (node: NodeAddress) => selectDatabase(await ports.connect(node), databaseOf(request.shard));
        return sweepShard({ ...ports, connect, connectTo, hashId }, request.sweep, request.shard, ports.budgetMs);
      }
      case 'checkSlots':
        return checkSlots(ports, request.sweep, request.shards, request.waits);
      case 'report':
        return report(ports, request.sweep, unitsOf(request.sweep, request.shards));
      case 'fail':
        return fail(ports, request);
    }
  };
}

const hashIdOf = async ({ records }: SweepPorts): Promise<HashId> =>
  createHashId(await records.hashSecret(() => randomBytes(32).toString('hex')));

async function report(ports: SweepPorts, sweep: SweepContext, shards: readonly string[]): Promise<SweepSummary> {
  const { records, metrics, log } = ports;
  const { sweepId, dryRun } = sweep;
  const found = await Promise.all(shards.map((shard) => records.getCheckpoint(shard, sweepId)));
  const checkpoints = found.filter((checkpoint): checkpoint is Checkpoint => checkpoint !== undefined);
  // This step was repeated after its summary had been stored. Another sweep can have replaced the checkpoints since, so the stored one
  // counts.
  const known = checkpoints.length < shards.length ? (await records.getSweep(sweepId))?.summary : undefined;
  if (known) return known;
  const lost = shards.find((_, at) => found[at] === undefined);
  if (lost !== undefined)
    throw new SweepLeaseLost(`another sweep took ${describeUnit(lost)}. Sweep ${sweepId} has no complete report; its repairs are kept`);
  // Only a sweep with the installation's own settings gives a baseline: what one with another policy leaves shows nothing for the next
  // sweeps.
  const isRegular = !dryRun && !sweep.lives && sweep.settingsKey === settingsKeyOf(ports.settings, ports.version);
  const counters = sweep.lives ? undefined : await countersAfter(ports, sweep);
  if (isRegular && counters) {
    const units = shards.map((unit, at) => ({ unit, checkpoint: found[at] }));
    const { beganAtMs: startedAtMs = sweep.startedAtMs, counters: before = sweep.counters } = sweep.unfinished ?? {};
    await recordBaseline(ports, { ...sweep, startedAtMs, ...(before && { counters: before }) }, units, counters);
  }
  const total = totalIn({ ...sweep, counters });
  const isPaused = checkpoints.some(({ isDone }) => !isDone);
  const fault = checkpoints.find((checkpoint) => checkpoint.fault)?.fault;
  const reported = shards.filter((_, at) => found[at] !== undefined);
  const complete = makeReport(sweep, checkpoints, ports.now(), reported);
  const counted = isPaused || fault || sweep.lives ? undefined : countUnknown(checkpoints);
  const growth = counted && (await growthOf(ports, sweep, counted, total));
  const made = isPaused ? withPause(complete, sweep, total) : growth ? withGrowth(complete, growth) : complete;
  const reportKey = sweepReportKey(sweepId);
  await ports.saveReport(reportKey, made);
  // A run that only changes lives does not count as a sweep, whose age an alarm watches.
  if (!sweep.lives)
    await saveShares(
      ports,
      isPaused
        ? sharesOfPaused({ checkpoints, dryRun }, total, await ports.shares(), ports.now())
        : { ...sharesOf(made, total), ...(sweep.settingsKey && { countedBy: sweep.settingsKey }) },
    );
  const { summary, finishedAtMs } = made;
  const status = fault ? 'FAILED' : isPaused ? 'PAUSED' : 'SUCCEEDED';
  await records.endSweep(sweepId, {
    status,
    finishedAtMs,
    summary,
    reportKey,
    ...(isRegular && counted && { unknownShapes: counted.shapes }),
  });
  await release(ports, sweep, shards);
  const unrepaired = unrepairedIn(checkpoints.map(({ tally }) => tally));
  const { storeP99Ms } = summary;
  // Of a checkpoint that was lost meanwhile the numbers are not in this one's.
  const repaired = Math.max(0, repairedIn(summary) - repairedIn((await summaryBefore(ports, sweep)) ?? NOTHING_REPAIRED));
  metrics.swept({ storeP99Ms, ...(!dryRun && !sweep.lives && { repaired }), ...(isRegular && { unrepaired }) });
  const { lives, paused, unknownGrowth, unconfirmed, dialects: _, reportOnly: __, ...numbers } = summary;
  log.info(LOG_EVENTS.sweepFinished, {
    sweepId,
    dryRun,
    unrepaired,
    ...numbers,
    unconfirmed: unconfirmed?.map(({ dialect }) => dialect),
    isPaused: paused !== undefined,
    livesChanged: lives?.changed,
    unknownGrown: unknownGrowth && sumOf(unknownGrowth.shapes, ({ grown }) => grown),
  });
  // The other units are swept and reported; the sweep as a whole is not complete.
  if (fault) throw new DatabaseRefused(fault.Cause);
  return summary;
}

function countUnknown(checkpoints: readonly Checkpoint[]): Pick<CountedKeys, 'shapes' | 'seen'> {
  const { shapes, unknown, keys } = mergeTallies(checkpoints.map(({ tally }) => tally)) ?? EMPTY_TALLY;
  return { shapes: countShapes(shapes, unknown), seen: keys };
}

/** @param total keys of the swept databases after the last page */
async function growthOf(
  { records }: SweepPorts,
  sweep: SweepContext,
  { shapes, seen }: Pick<CountedKeys, 'shapes' | 'seen'>,
  total: KeyTotals | undefined,
): Promise<UnknownGrowth | undefined> {
  const { comparedWith, unfinished, counters } = sweep;
  if (comparedWith === undefined || total === undefined) return undefined;
  const before = totalIn({ ...sweep, counters: unfinished?.counters ?? counters });
  const had = before && Math.max(before.keys, total.keys);
  return growthSince(sweep, await records.getSweep(comparedWith.sweepId), { shapes, seen, had });
}

const NOTHING_REPAIRED = { repaired: 0, deleted: 0 };
const repairedIn = ({ repaired, deleted }: Pick<SweepSummary, 'repaired' | 'deleted'>): number => repaired + deleted;

/** What the sweep that this one went on from had counted: its numbers are in this one's. */
const summaryBefore = async ({ records }: SweepPorts, { unfinished }: SweepContext): Promise<SweepSummary | undefined> =>
  unfinished?.sweepIds[1] === undefined ? undefined : (await records.getSweep(unfinished.sweepIds[1]))?.summary;

const saveShares = async ({ saveShares: save }: SweepPorts, shares: DialectShares | undefined): Promise<void> => {
  if (shares) await save(shares);
};

/** The counters after the last page. Without them the next sweep reads every key. */
async function countersAfter({ connect, pause, log }: SweepPorts, { sweepId }: SweepContext): Promise<StoreCounters | undefined> {
  try {
    return await readCounters(connect, () => false, pause);
  } catch (error) {
    log.warn(LOG_EVENTS.sweepWithoutBaseline, { sweepId, error: describeError(error) });
    return undefined;
  }
}

/** Only a sweep with the installation's own settings gives a baseline, and only one that read every key. */
async function recordBaseline(
  { settings, baseline, log, now }: SweepPorts,
  sweep: SweepContext,
  units: readonly SweptUnit[],
  counters: StoreCounters,
): Promise<void> {
  try {
    const made = makeBaseline(sweep, units, settings.databases, counters, { takenAtMs: now(), earlier: await baseline.get() });
    if (made) await baseline.put(made);
  } catch (error) {
    log.warn(LOG_EVENTS.sweepWithoutBaseline, { sweepId: sweep.sweepId, error: describeError(error) });
  }
}

async function fail(ports: SweepPorts, { sweep, shards, error }: SweepRequest & { step: 'fail' }): Promise<Record<string, never>> {
  const { Error: name, Cause } = error;
  // A function's message is inside JSON.
  const explained = { Error: name, Cause: (parseJson(Cause) as { errorMessage?: string } | undefined)?.errorMessage ?? Cause };
  await ports.records.recordFailure(sweep.sweepId);
  await ports.records.endSweep(sweep.sweepId, { status: 'FAILED', finishedAtMs: ports.now(), error: explained });
  await release(ports, sweep, unitsOf(sweep, shards));
  ports.log.warn(LOG_EVENTS.sweepFailed, { sweepId: sweep.sweepId, error: name });
  return {};
}

async function release({ records }: SweepPorts, { sweepId }: SweepContext, shards: readonly string[]): Promise<void> {
  for (const shard of shards) await records.releaseShard(shard, sweepId);
}
