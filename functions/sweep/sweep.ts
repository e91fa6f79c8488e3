import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { DialectShares } from '../shared/dialect-shares.ts';
import { LOG_EVENTS, type Log } from '../shared/log-events.ts';
import { sweepReportKey } from '../shared/naming.ts';
import type { Begun, Checkpoint, ShardReply, SweepContext, SweepRequest, SweepSettings, SweepSummary } from './contract.ts';
import { createHashId } from './hash-id.ts';
import { leftIn, makeReport, type SweepReport, sharesOf } from './make-report.ts';
import { readSweepInput, settingsFor } from './read-sweep-input.ts';
import type { SweepRecords } from './sweep-records.ts';
import { sweepShard } from './sweep-shard.ts';

export interface SweepPorts {
  readonly connect: () => Promise<Redis>;
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

export type SweepReply = Begun | ShardReply | SweepSummary | Record<string, never>;

/** A store without cluster mode is one shard; its node group has this name at ElastiCache too. */
const ONLY_SHARD = '0001';

/** The steps of a sweep, as its state machine asks for them. Each may be repeated. */
export function createSweep(ports: SweepPorts): (request: SweepRequest) => Promise<SweepReply> {
  return async (request) => {
    switch (request.step) {
      case 'begin':
        return begin(ports, request.input, request.executionArn);
      case 'sweepShard': {
        const hashId = createHashId(await ports.records.hashSecret(() => randomBytes(32).toString('hex')));
        return sweepShard({ ...ports, hashId }, request.sweep, request.shard, ports.budgetMs);
      }
      case 'report':
        return report(ports, request.sweep, request.shards);
      case 'fail':
        return fail(ports, request);
    }
  };
}

/** @throws InvalidSweep */
async function begin({ records, settings, log, now }: SweepPorts, input: unknown, executionArn: string): Promise<Begun> {
  const told = readSweepInput(input);
  const sweep: SweepContext = {
    sweepId: executionArn.split(':').at(-1) as string,
    executionArn,
    startedAtMs: now(),
    requestedBy: told.requestedBy ?? 'schedule',
    dryRun: told.dryRun ?? false,
    settings: settingsFor(settings, told),
  };
  const { sweepId, startedAtMs, requestedBy, dryRun } = sweep;
  const shards = [ONLY_SHARD];
  await records.putSweep({ sweepId, executionArn, startedAtMs, requestedBy, dryRun, shards, status: 'RUNNING' });
  log.info(LOG_EVENTS.sweepStarted, { sweepId, dryRun, policy: sweep.settings.policy, pace: sweep.settings.pace });
  return { sweep, shards };
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
