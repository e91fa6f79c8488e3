import { randomBytes } from 'node:crypto';
import type { DialectShares } from '../shared/dialect-shares.ts';
import { LOG_EVENTS, type Log } from '../shared/log-events.ts';
import { sweepReportKey } from '../shared/naming.ts';
import type {
  BeginReply,
  Checkpoint,
  ShardReply,
  SweepContext,
  SweepInput,
  SweepRequest,
  SweepSettings,
  SweepSummary,
} from './contract.ts';
import { decideStart, type LastStart, type StartVerdict } from './decide-start.ts';
import { createHashId } from './hash-id.ts';
import { leftIn, makeReport, type SweepReport, sharesOf } from './make-report.ts';
import { readSweepInput, settingsFor } from './read-sweep-input.ts';
import { type ConnectToNode, connectToShard, findShards, ONLY_SHARD } from './shards.ts';
import type { SweepRecords } from './sweep-records.ts';
import { sweepShard } from './sweep-shard.ts';

export interface SweepPorts {
  readonly connect: ConnectToNode;
  /** How the store is called in messages: host and port. */
  readonly storeName: string;
  readonly records: SweepRecords;
  /** Keeps a report as an object of this name. */
  readonly keepReport: (key: string, report: SweepReport) => Promise<void>;
  readonly keepShares: (shares: DialectShares) => Promise<void>;
  readonly metrics: SweepMetrics;
  readonly log: Log;
  readonly settings: SweepSettings;
  readonly now: () => number;
  readonly pause: (ms: number) => Promise<unknown>;
  /** Of one invocation, for going through keys. */
  readonly budgetMs: number;
}

export interface SweepMetrics {
  swept(numbers: { readonly left: number; readonly mended: number; readonly storeP99Ms: number }): void;
}

export type SweepReply = BeginReply | ShardReply | SweepSummary | Record<string, never>;

/** The steps of a sweep, as its state machine asks for them. Each may be repeated. */
export function createSweep(ports: SweepPorts): (request: SweepRequest) => Promise<SweepReply> {
  return async (request) => {
    switch (request.step) {
      case 'begin':
        return begin(ports, request.input, request.executionArn);
      case 'sweepShard': {
        const hashId = createHashId(await ports.records.hashSecret(() => randomBytes(32).toString('hex')));
        const connect = () => connectToShard(ports.connect, request.shard);
        return sweepShard({ ...ports, connect, hashId }, request.sweep, request.shard, ports.budgetMs);
      }
      case 'report':
        return report(ports, request.sweep, request.shards);
      case 'fail':
        return fail(ports, request);
    }
  };
}

/** @throws InvalidSweep */
async function begin(ports: SweepPorts, input: unknown, executionArn: string): Promise<BeginReply> {
  const { records, settings, log, now } = ports;
  const told = readSweepInput(input);
  const sweepId = executionArn.split(':').at(-1) as string;
  const startedAtMs = now();
  const start = await mayStart(ports, told, { sweepId, startedAtMs });
  if (start.verdict !== 'SWEEP') {
    log.info(LOG_EVENTS.sweepNotStarted, { requestedBy: told.requestedBy, ...start });
    return start;
  }
  // A store that does not answer now is waited for by the sweep itself, which says in the end what is wrong.
  const shards = await findShards(ports.connect).catch((): readonly string[] => [ONLY_SHARD]);
  const chosen = settingsFor(settings, told);
  const sweep: SweepContext = {
    sweepId,
    executionArn,
    startedAtMs,
    requestedBy: told.requestedBy ?? 'schedule',
    dryRun: told.dryRun ?? false,
    // The limit is of the whole sweep, and no shard knows of another.
    settings: { ...chosen, mostDeletes: Math.floor(chosen.mostDeletes / shards.length) },
  };
  const { requestedBy, dryRun } = sweep;
  const { policy, policies, pace } = sweep.settings;
  await records.putSweep({ sweepId, executionArn, startedAtMs, requestedBy, dryRun, policy, policies, shards, status: 'RUNNING' });
  log.info(LOG_EVENTS.sweepStarted, { sweepId, dryRun, policy, pace });
  return { verdict: 'SWEEP', sweep, shards };
}

/** Each time one loses against another sweep, that one has begun: there is no third. */
const MOST_TRIES = 3;
const TRY_AGAIN_SECONDS = 60;

/** Two alarms at once: one begins, and the other finds that it did. */
async function mayStart({ records, settings }: SweepPorts, told: SweepInput, start: LastStart): Promise<StartVerdict> {
  // One that was told to do less than the installation's policy stands in for no other.
  if (told.dryRun || told.policy !== undefined) return { verdict: 'SWEEP' };
  const alarmAtMs = told.alarmAt === undefined ? undefined : Date.parse(told.alarmAt);
  for (let attempt = 0; attempt < MOST_TRIES; attempt += 1) {
    const last = await records.lastStart();
    const verdict = decideStart(alarmAtMs, last, start.sweepId, settings.coolDownMinutes * 60, start.startedAtMs);
    if (verdict.verdict !== 'SWEEP') return verdict;
    if (await records.noteStart(start, alarmAtMs === undefined ? undefined : { last })) return verdict;
  }
  return { verdict: 'WAIT', waitSeconds: TRY_AGAIN_SECONDS };
}

async function report(ports: SweepPorts, sweep: SweepContext, shards: readonly string[]): Promise<SweepSummary> {
  const { records, metrics, log } = ports;
  const { sweepId, dryRun } = sweep;
  const found = await Promise.all(shards.map((shard) => records.getCheckpoint(shard, sweepId)));
  const checkpoints = found.filter((checkpoint): checkpoint is Checkpoint => checkpoint !== undefined);
  // Asked for once more after it was told: the shards are another sweep's by now.
  const known = checkpoints.length === 0 ? (await records.getSweep(sweepId))?.summary : undefined;
  if (known) return known;
  const made = makeReport(sweep, checkpoints, ports.now());
  const reportKey = sweepReportKey(sweepId);
  await ports.keepReport(reportKey, made);
  await ports.keepShares(sharesOf(made));
  const { summary, finishedAtMs } = made;
  await records.endSweep(sweepId, { status: 'SUCCEEDED', finishedAtMs, summary, reportKey });
  await release(ports, sweep, shards);
  const left = leftIn(summary, dryRun);
  metrics.swept({ left, mended: dryRun ? 0 : summary.mended + summary.deleted, storeP99Ms: summary.storeP99Ms });
  log.info(LOG_EVENTS.sweepFinished, { sweepId, dryRun, left, ...summary });
  return summary;
}

async function fail(ports: SweepPorts, { sweep, shards, error }: SweepRequest & { step: 'fail' }): Promise<Record<string, never>> {
  const { Error: name, Cause } = error;
  const explained = { Error: name, Cause: messageOf(Cause) };
  await ports.records.noteFailure(sweep.sweepId);
  await ports.records.endSweep(sweep.sweepId, { status: 'FAILED', finishedAtMs: ports.now(), error: explained });
  await release(ports, sweep, shards);
  ports.log.warn(LOG_EVENTS.sweepFailed, { sweepId: sweep.sweepId, error: name });
  return {};
}

async function release({ records }: SweepPorts, { sweepId }: SweepContext, shards: readonly string[]): Promise<void> {
  for (const shard of shards) await records.releaseShard(shard, sweepId);
}

/** A function's own sentence arrives inside a JSON text. */
function messageOf(cause: string): string {
  try {
    return (JSON.parse(cause) as { errorMessage?: string }).errorMessage ?? cause;
  } catch {
    return cause;
  }
}
