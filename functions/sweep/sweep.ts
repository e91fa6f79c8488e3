import { randomBytes } from 'node:crypto';
import type { DialectShares } from '../records/dialect-shares.ts';
import type { StoreNodes } from '../records/store-nodes.ts';
import { LOG_EVENTS, type Log } from '../shared/log-events.ts';
import { sweepReportKey } from '../shared/naming.ts';
import type {
  BeginReply,
  Checkpoint,
  ShardReply,
  SlotsReply,
  SweepContext,
  SweepInput,
  SweepRequest,
  SweepSettings,
  SweepSummary,
} from './contract.ts';
import { decideStart, type LastStart, type StartVerdict } from './decide-start.ts';
import { DatabaseRefused } from './errors.ts';
import { createHashId } from './keys/hash-id.ts';
import { readSweepInput, settingsFor } from './read-sweep-input.ts';
import { makeReport, type SweepReport, sharesOf, unrepairedIn } from './report/make-report.ts';
import { checkSlots, unitsOf } from './slots/check-slots.ts';
import { type ConnectToNode, connectToShard, findShards } from './store/shards.ts';
import { unitOf } from './store/unit-name.ts';
import type { SweepRecords } from './sweep-records.ts';
import { sweepShard } from './sweep-shard.ts';

export interface SweepPorts {
  readonly connect: ConnectToNode;
  /** The store in messages: host and port. */
  readonly storeName: string;
  readonly records: SweepRecords;
  /** The nodes as the collector read them last; undefined before its first reading. */
  readonly storeNodes: () => Promise<StoreNodes | undefined>;
  /** Stores a report under this key. */
  readonly saveReport: (key: string, report: SweepReport) => Promise<void>;
  readonly saveShares: (shares: DialectShares) => Promise<void>;
  readonly metrics: SweepMetrics;
  readonly log: Log;
  readonly settings: SweepSettings;
  readonly now: () => number;
  readonly pause: (ms: number) => Promise<unknown>;
  /** Time of one invocation for reading and repairing keys. */
  readonly budgetMs: number;
}

export interface SweepMetrics {
  swept(numbers: { readonly unrepaired: number; readonly repaired: number; readonly storeP99Ms: number }): void;
}

export type SweepReply = BeginReply | ShardReply | SlotsReply | SweepSummary | Record<string, never>;

/** The steps of a sweep, as its state machine calls them. Each can be repeated. */
export function createSweep(ports: SweepPorts): (request: SweepRequest) => Promise<SweepReply> {
  return async (request) => {
    switch (request.step) {
      case 'begin':
        return begin(ports, request.input, request.executionArn);
      case 'sweepShard': {
        const hashId = createHashId(await ports.records.hashSecret(() => randomBytes(32).toString('hex')));
        const connect = () => connectToShard(ports.connect, request.shard, request.shards);
        return sweepShard({ ...ports, connect, hashId }, request.sweep, request.shard, ports.budgetMs);
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

/** @throws InvalidSweep */
async function begin(ports: SweepPorts, input: unknown, executionArn: string): Promise<BeginReply> {
  const { records, settings, log, now } = ports;
  const given = readSweepInput(input);
  const sweepId = executionArn.split(':').at(-1) as string;
  const startedAtMs = now();
  const start = await decideBegin(ports, given, { sweepId, startedAtMs });
  if (start.verdict !== 'DONE') {
    log.info(LOG_EVENTS.sweepNotStarted, { requestedBy: given.requestedBy, ...start });
    return start;
  }
  // If the store does not answer now, the sweep of the shard waits for it, and reports the fault in the end.
  const shards = await findShards(ports.connect, settings.databases).catch(() => settings.databases.map(unitOf));
  const chosen = settingsFor(settings, given);
  const sweep: SweepContext = {
    sweepId,
    executionArn,
    startedAtMs,
    requestedBy: given.requestedBy ?? 'schedule',
    dryRun: given.dryRun ?? false,
    // The limit is for the whole sweep, and shards do not know each other's counts.
    settings: { ...chosen, maxDeletes: Math.floor(chosen.maxDeletes / shards.length) },
  };
  const { requestedBy, dryRun } = sweep;
  const { policy, policies, pace } = sweep.settings;
  await records.putSweep({ sweepId, executionArn, startedAtMs, requestedBy, dryRun, policy, policies, shards, status: 'RUNNING' });
  log.info(LOG_EVENTS.sweepStarted, { sweepId, dryRun, policy, pace });
  return { verdict: 'DONE', sweep, shards, waits: 0 };
}

/** Each lost race means that another sweep has started. */
const MAX_ATTEMPTS = 3;
const RETRY_SECONDS = 60;

/** Of two concurrent alarms, one starts its sweep and the other notices that. */
async function decideBegin({ records, settings }: SweepPorts, given: SweepInput, start: LastStart): Promise<StartVerdict> {
  // A dry run, or a sweep with a policy of its own, does not replace a regular one.
  if (given.dryRun || given.policy !== undefined) return { verdict: 'DONE' };
  const alarmAtMs = given.alarmAt === undefined ? undefined : Date.parse(given.alarmAt);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const last = await records.lastStart();
    const verdict = decideStart(alarmAtMs, last, start.sweepId, settings.coolDownMinutes * 60, start.startedAtMs);
    if (verdict.verdict !== 'DONE') return verdict;
    if (await records.recordStart(start, alarmAtMs === undefined ? undefined : { last })) return verdict;
  }
  return { verdict: 'WAIT', waitSeconds: RETRY_SECONDS };
}

async function report(ports: SweepPorts, sweep: SweepContext, shards: readonly string[]): Promise<SweepSummary> {
  const { records, metrics, log } = ports;
  const { sweepId, dryRun } = sweep;
  const found = await Promise.all(shards.map((shard) => records.getCheckpoint(shard, sweepId)));
  const checkpoints = found.filter((checkpoint): checkpoint is Checkpoint => checkpoint !== undefined);
  // Repeated after it was stored: other sweeps can hold the shards by now.
  const known = checkpoints.length === 0 ? (await records.getSweep(sweepId))?.summary : undefined;
  if (known) return known;
  const made = makeReport(sweep, checkpoints, ports.now());
  const reportKey = sweepReportKey(sweepId);
  await ports.saveReport(reportKey, made);
  await ports.saveShares(sharesOf(made));
  const { summary, finishedAtMs } = made;
  const fault = checkpoints.find((checkpoint) => checkpoint.fault)?.fault;
  await records.endSweep(sweepId, { status: fault ? 'FAILED' : 'SUCCEEDED', finishedAtMs, summary, reportKey });
  await release(ports, sweep, shards);
  const unrepaired = unrepairedIn(summary, dryRun);
  metrics.swept({ unrepaired, repaired: dryRun ? 0 : summary.repaired + summary.deleted, storeP99Ms: summary.storeP99Ms });
  log.info(LOG_EVENTS.sweepFinished, { sweepId, dryRun, unrepaired, ...summary });
  // The other units are swept and reported; the sweep as a whole is not complete.
  if (fault) throw new DatabaseRefused(fault.Cause);
  return summary;
}

async function fail(ports: SweepPorts, { sweep, shards, error }: SweepRequest & { step: 'fail' }): Promise<Record<string, never>> {
  const { Error: name, Cause } = error;
  const explained = { Error: name, Cause: messageOf(Cause) };
  await ports.records.recordFailure(sweep.sweepId);
  await ports.records.endSweep(sweep.sweepId, { status: 'FAILED', finishedAtMs: ports.now(), error: explained });
  await release(ports, sweep, unitsOf(sweep, shards));
  ports.log.warn(LOG_EVENTS.sweepFailed, { sweepId: sweep.sweepId, error: name });
  return {};
}

async function release({ records }: SweepPorts, { sweepId }: SweepContext, shards: readonly string[]): Promise<void> {
  for (const shard of shards) await records.releaseShard(shard, sweepId);
}

/** A function's message is inside JSON. */
function messageOf(cause: string): string {
  try {
    return (JSON.parse(cause) as { errorMessage?: string }).errorMessage ?? cause;
  } catch {
    return cause;
  }
}
