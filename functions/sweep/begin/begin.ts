import { WITHOUT_TTL_THRESHOLD } from '../../records/ttl-baseline.ts';
import { LOG_EVENTS } from '../../shared/log-events.ts';
import { MAX_INVOCATIONS, PAUSES_AFTER_MS } from '../contract/environment.ts';
import type { LastStart, Unfinished } from '../contract/record.ts';
import type { SweepSettings } from '../contract/settings.ts';
import type { BeginReply, BeginRequest, StartVerdict, SweepContext, SweepInput } from '../contract/steps.ts';
import { MOST_LIVES } from '../contract/tally.ts';
import { InvalidSweep, SweepInProgress } from '../errors.ts';
import { findShards } from '../nodes/shards.ts';
import { readSweepInput, settingsFor } from '../read-sweep-input.ts';
import type { SweepRecords } from '../sweep-records.ts';
import { unitOf } from '../unit-name.ts';
import { decideByCounters, endClean } from './end-clean.ts';
import { judgeDialects } from './judge-dialects.ts';
import { type BeginPorts, countAgain, judgeSampled, sampleUnits, settingsKeyOf } from './sample-units.ts';

/**
 * Decides whether a sweep begins, and whether it has to read keys: by the counters first, before anything else is measured.
 * @throws InvalidSweep, SweepInProgress
 */
export async function begin(ports: BeginPorts, { input, executionArn, startTime }: Omit<BeginRequest, 'step'>): Promise<BeginReply> {
  const { records, settings, log, now } = ports;
  const given = readSweepInput(input);
  const sweepId = executionArn.split(':').at(-1) as string;
  const startedAtMs = now();
  const pausesAtMs = Date.parse(startTime) + PAUSES_AFTER_MS;
  if (Number.isNaN(pausesAtMs)) throw new InvalidSweep(`${JSON.stringify(startTime)} is not a start time; no sweep was started`);
  const notStarted = (reply: Exclude<BeginReply, { verdict: 'DONE' }>) => {
    log.info(LOG_EVENTS.sweepNotStarted, { requestedBy: given.requestedBy, ...reply });
    return reply;
  };
  const request = given.check ? { ...given, alarmAt: new Date(startedAtMs).toISOString() } : given;
  // Decided before connecting to the store, because an event that came twice needs no connection.
  const covered = await decideBegin(ports, request, { sweepId, startedAtMs }, false);
  if (covered.verdict === 'SKIP') return notStarted(covered);
  const running = await findRunningSweep(records, sweepId, startedAtMs);
  if (running && covered.verdict === 'DONE' && isAutomatic(given))
    return notStarted(
      given.alarmAt === undefined ? { verdict: 'SKIP', sweepId: running } : { verdict: 'WAIT', waitSeconds: RETRY_SECONDS },
    );

  const isRegular = isOfInstallation(given);
  if (running && isRegular) await refuseHeldSweep(records, running, startedAtMs);

  const chosen = settingsFor(await keptSettings(ports), given);
  const settingsKey = settingsKeyOf(chosen, ports.version);
  const key = chosen.reconcile ? `${settingsKey}+index` : settingsKey;
  const isNew = !isRegular || given.full === true || running !== undefined;
  const earlier = isNew ? undefined : await findUnfinished(records, { sweepId, key, nowMs: startedAtMs });
  const baseline = await ports.baseline.get();
  const question = {
    ...chosen,
    full: given.full === true || given.learn === true || given.lives !== undefined,
    baseline,
    settingsKey,
    nowMs: startedAtMs,
  };
  const decision = await decideByCounters(ports.connect, question, ports.pause);
  if (given.check && decision.comparison.repairable < WITHOUT_TTL_THRESHOLD && !(earlier && decision.because)) {
    await countAgain(ports, { sweepId, settings: chosen, counters: decision.counters, settingsKey });
    return notStarted({ verdict: 'SKIP' });
  }
  const context = {
    sweepId,
    executionArn,
    startedAtMs,
    requestedBy: given.requestedBy ?? 'schedule',
    dryRun: given.dryRun === true || given.learn === true,
    settingsKey,
    ...(decision.counters && { counters: decision.counters }),
    ...(baseline?.settingsKey === settingsKey && { comparedWith: { sweepId: baseline.sweepId, startedAtMs: baseline.startedAtMs } }),
  };
  // Before anything else: also where the counters show nothing to do.
  const isJudged = context.dryRun && chosen.dialects.length > 0;
  const judgedBy = isJudged ? await sampleUnits(ports, { ...context, settings: chosen, countsConfigured: true }) : undefined;
  const dialects = judgeSampled(judgedBy, chosen);
  let { because } = decision;
  let sampled = judgedBy;
  if (because === undefined) {
    const sweep = { ...context, settings: chosen, ...(dialects.length > 0 && { dialects }) };
    const ended = await endClean(ports, sweep, decision, baseline);
    if (ended.verdict === 'SKIP') return ended;
    because = 'sampled';
    sampled = ended.samples;
  }
  if (earlier) because = 'continued';
  // Between the start and its record, another sweep would not see this one: what takes long comes before.
  const samples = given.lives ? undefined : (sampled ?? (await sampleUnits(ports, { ...context, settings: chosen })));
  const start = await decideBegin(ports, request, { sweepId, startedAtMs }, true);
  if (start.verdict !== 'DONE') return notStarted(start);
  // If the store does not answer now, the sweep of the shard waits for it, and reports the fault in the end.
  const shards = await findShards(ports.connect, settings.databases).catch(() => settings.databases.map(unitOf));
  // The limit is for the whole sweep, and shards do not know each other's counts.
  const unfinished: Unfinished = {
    key,
    sweepIds: [sweepId, ...(earlier?.sweepIds ?? [])].slice(0, MOST_EARLIER_SWEEPS),
    beganAtMs: earlier?.beganAtMs ?? startedAtMs,
    ...((earlier ?? context).counters && { counters: (earlier ?? context).counters }),
  };
  const sweep: SweepContext = {
    ...context,
    pausesAtMs,
    ...(given.learn && { learn: true }),
    ...(!given.lives && { consent: judgeDialects({ ...chosen, installation: settings.policies, samples, baseline, nowMs: startedAtMs }) }),
    ...(isRegular && { unfinished }),
    ...(dialects.length > 0 && { dialects }),
    settings: { ...chosen, maxDeletes: Math.floor(chosen.maxDeletes / shards.length) },
    maxInvocations: Math.floor(MAX_INVOCATIONS / shards.length),
    ...(given.lives && { lives: { change: given.lives, most: Math.ceil(MOST_LIVES / shards.length) } }),
  };
  const { requestedBy, dryRun } = sweep;
  const { policy, policies, pace } = sweep.settings;
  await records.putSweep({
    ...{ sweepId, executionArn, startedAtMs, requestedBy, dryRun, ...(given.lives && { lives: given.lives }) },
    ...{ policy, policies, shards, because, status: 'RUNNING' },
    ...(isRegular && { unfinished }),
  });
  log.info(LOG_EVENTS.sweepStarted, { sweepId, dryRun, policy, pace, because, counterError: decision.error });
  return { verdict: 'DONE', sweep, shards, waits: 0 };
}

/** Goes on with `expire`, which an earlier version had where the configuration has none; another policy was somebody's choice, which is gone. */
async function keptSettings({ records, settings }: Pick<BeginPorts, 'records' | 'settings'>): Promise<SweepSettings> {
  const last = settings.keepsPolicy ? await records.lastStart() : undefined;
  const kept = last && (await records.getSweep(last.sweepId))?.policy === 'expire';
  return kept ? { ...settings, policy: 'expire' } : settings;
}

/** A dry run, a sweep with a policy of its own, or one that changes lives does not replace a regular one. */
const isOfInstallation = ({ dryRun, learn, policy, lives }: SweepInput): boolean =>
  !dryRun && !learn && policy === undefined && lives === undefined;

/** Started by an alarm or a schedule: nobody waits for its reply. */
const isAutomatic = ({ check, alarmAt, requestedBy = 'schedule' }: SweepInput): boolean =>
  check === true || alarmAt !== undefined || requestedBy === 'schedule';

/** Sweeps that one goes on from, by their checkpoints: at 35 million keys each, more than a store has. */
const MOST_EARLIER_SWEEPS = 20;

/**
 * A sweep of a cluster holds some shards at a time. Another one would take those that it has finished, fail at the others, and leave the next
 * sweep a position of the second alone.
 * @throws SweepInProgress
 */
async function refuseHeldSweep(records: Pick<SweepRecords, 'getSweep' | 'heldUntil'>, sweepId: string, nowMs: number): Promise<void> {
  const { shards = [] } = (await records.getSweep(sweepId)) ?? {};
  const held = await Promise.all(shards.map(async (shard) => ({ shard, untilMs: (await records.heldUntil(shard, sweepId)) ?? 0 })));
  const [working] = held.filter(({ untilMs }) => untilMs > nowMs);
  if (working) throw new SweepInProgress(working.shard, sweepId, working.untilMs);
}

/** Each lost race means that another sweep has started. */
const MAX_ATTEMPTS = 3;
const RETRY_SECONDS = 60;

/** When two alarms fire at once, one starts its sweep and the other notices that. @param isRecorded the start is on record */
async function decideBegin(ports: BeginPorts, given: SweepInput, start: LastStart, isRecorded: boolean): Promise<StartVerdict> {
  const { records, settings } = ports;
  if (!isOfInstallation(given)) return { verdict: 'DONE' };
  const alarmAtMs = given.alarmAt === undefined ? undefined : Date.parse(given.alarmAt);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const last = await records.lastStart();
    const verdict = decideStart(alarmAtMs, last, start.sweepId, settings.coolDownMinutes * 60, start.startedAtMs);
    if (verdict.verdict !== 'DONE' || !isRecorded) return verdict;
    if (await records.recordStart(start, alarmAtMs === undefined ? undefined : { last })) return verdict;
  }
  return { verdict: 'WAIT', waitSeconds: RETRY_SECONDS };
}

/**
 * A sweep that is RUNNING on record but has held no lease for longer than this was stopped from outside. It is more than an hour because a
 * sweep holds no shard while it waits for moving slots, for up to an hour.
 */
const SILENT_MS = 70 * 60_000;

/**
 * The sweep that started last, if it still runs. Another sweep at the same time would take over the units that it has finished, and fail on
 * the others.
 * @param sweepId of the sweep that asks
 * @returns its id
 */
async function findRunningSweep(
  records: Pick<SweepRecords, 'lastStart' | 'getSweep' | 'heldUntil'>,
  sweepId: string,
  nowMs: number,
): Promise<string | undefined> {
  const last = await records.lastStart();
  if (last === undefined || last.failed || last.sweepId === sweepId) return undefined;
  const record = await records.getSweep(last.sweepId);
  if (record?.status !== 'RUNNING') return undefined;
  const leases = await Promise.all(record.shards.map((shard) => records.heldUntil(shard, last.sweepId)));
  const lastSignMs = Math.max(last.startedAtMs, ...leases.map((untilMs) => untilMs ?? 0));
  return nowMs - lastSignMs < SILENT_MS ? last.sweepId : undefined;
}

/**
 * Decides whether a sweep that an alarm requests starts now. A cool-down between two starts keeps an alarm that flaps, or an event
 * that is delivered twice, from sweeping without end. The sweep waits for its end and is not skipped, because an alarm that stays
 * in ALARM sends no other event, and the new keys would stay until the next scheduled sweep. Pure.
 * @param alarmAtMs when the alarm fired; undefined for a manual or scheduled sweep
 */
export function decideStart(
  alarmAtMs: number | undefined,
  last: LastStart | undefined,
  sweepId: string,
  coolDownSeconds: number,
  nowMs: number,
): StartVerdict {
  const coolDownMs = coolDownSeconds * 1_000;
  // The same sweep again: its first reply was lost. A start in the future: the clock jumped.
  if (alarmAtMs === undefined || last === undefined || last.sweepId === sweepId || last.startedAtMs > nowMs + coolDownMs)
    return { verdict: 'DONE' };
  if (!last.failed && last.startedAtMs >= alarmAtMs) return { verdict: 'SKIP', sweepId: last.sweepId };
  const waitMs = Math.min(last.startedAtMs + coolDownMs - nowMs, coolDownMs);
  return waitMs > 0 ? { verdict: 'WAIT', waitSeconds: Math.ceil(waitMs / 1_000) } : { verdict: 'DONE' };
}

/** Keys that were read longer ago are read again. */
const OLDEST_MS = 3 * 24 * 3_600_000;

/**
 * What the sweep that started last has not read, if it paused, failed or was stopped from outside. One that was stopped gets a record of
 * its end. Call it only where none runs.
 * @param key of the settings that the next one has
 * @returns undefined where the next one begins anew
 */
async function findUnfinished(
  records: Pick<SweepRecords, 'lastStart' | 'getSweep' | 'endSweep' | 'getCheckpoint'>,
  { sweepId, key, nowMs }: { readonly sweepId: string; readonly key: string; readonly nowMs: number },
): Promise<Unfinished | undefined> {
  const last = await records.lastStart();
  if (last === undefined || last.sweepId === sweepId) return undefined;
  const record = await records.getSweep(last.sweepId);
  if (record?.status === 'RUNNING') {
    const error = {
      Error: 'SweepStopped',
      Cause: 'the sweep was stopped from outside before its end; its repairs are kept, and the next one goes on',
    };
    await records.endSweep(last.sweepId, { status: 'FAILED', finishedAtMs: nowMs, error });
  } else if (record?.status !== 'PAUSED' && record?.status !== 'FAILED') return undefined;
  const { unfinished, status, shards } = record;
  if (unfinished?.key !== key || !isRecent(last.startedAtMs, nowMs)) return undefined;
  // What made it fail can be in its position: it goes on for some days only.
  if (status === 'FAILED' && !isRecent(unfinished.beganAtMs, nowMs)) return undefined;
  for (const shard of shards)
    for (const id of unfinished.sweepIds) {
      const kept = await records.getCheckpoint(shard, id);
      if (kept && !kept.fault && (status !== 'FAILED' || !kept.isDone)) return unfinished;
    }
  return undefined;
}

const isRecent = (atMs: number, nowMs: number): boolean => nowMs >= atMs && nowMs - atMs < OLDEST_MS;
