import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { CanaryRecord } from '../../canary/contract/canary-records.ts';
import type { StoreRecords } from '../../collect/store-records.ts';
import type { Records } from '../../records/records.ts';
import type { DeployRecord } from '../../records/types.ts';
import { sumOf } from '../../shared/arithmetic.ts';
import { criticalActionsTableName } from '../../shared/naming.ts';
import { nounFor } from '../../shared/texts.ts';
import type { SweepRecord, SweepSummary } from '../../sweep/contract/record.ts';
import type { SweepRecords } from '../../sweep/sweep-records.ts';
import { type Collector, CRITICAL_ACTIONS_TABLE, PENDING_PARTITIONS } from '../contract/environment.ts';
import type { CriticalActionFacts, DeployFacts, DeployWarningKind, SweepFacts } from '../contract/evidence.ts';
import { withoutClients } from '../report/plain.ts';
import type { Fleets } from './fleets.ts';

export type DeploysPorts = { readonly records: Records; readonly now: () => number };

const LATEST_DEPLOYS = 20;
/** A deploy whose release has a fault can have ended hours before anybody notices: sessions that it created run out first. */
const DAY_MS = 24 * 3_600_000;

export function createDeploys({ records, now }: DeploysPorts): Collector<'deploys'> {
  return async ({ fleets, fromMs, toMs }) => {
    const takenAtMs = now();
    const read = await Promise.all(fleets.map((fleet) => records.latestDeploys(fleet, LATEST_DEPLOYS)));
    const deploys = read
      .flat()
      .filter(({ startedAtMs, finishedAtMs = toMs }) => startedAtMs <= toMs && finishedAtMs >= fromMs - DAY_MS)
      .sort((a, b) => b.startedAtMs - a.startedAtMs);
    return { takenAtMs, facts: { deploys: deploys.map((deploy) => deployFacts(deploy, fromMs)) } };
  };
}

function deployFacts(deploy: DeployRecord, fromMs: number): DeployFacts['deploys'][number] {
  const { deployId, fleet, from, to, restart, restartAll, status, startedAtMs, finishedAtMs, targets, warnings = [] } = deploy;
  const phases = Object.fromEntries(Object.entries(targets).map(([instanceId, { phase }]) => [instanceId, phase]));
  return {
    ...{ deployId, fleet, from, to },
    ...(restart !== undefined && { restart }),
    ...(restartAll && { restartAll }),
    ...{ status, startedAtMs },
    ...(finishedAtMs !== undefined && { finishedAtMs }),
    ...(warnings.length > 0 && { warnings: warnings.map(withoutClients), warningKinds: warnings.map(kindOfWarning) }),
    ...((finishedAtMs === undefined || finishedAtMs >= fromMs) && Object.keys(phases).length > 0 && { phases }),
  };
}

/** The sentences of deploy/session-cookie/judge-cookie.ts. */
const WARNING_KINDS: readonly (readonly [RegExp, DeployWarningKind])[] = [
  [/\bsession cookie\b.* is named \S+ and no longer /, 'cookieName'],
  [/\bsession cookie\b.* has lost Secure\b/, 'secureLost'],
  [/\bsession cookie\b.* has lost HttpOnly\b/, 'httpOnlyLost'],
  [/\bsession cookie\b.* has the domain .* and no longer /, 'cookieDomain'],
  [/\bhas not shown its session cookie\b/, 'notShown'],
  [/ is unchecked: /, 'unchecked'],
];

export const kindOfWarning = (sentence: string): DeployWarningKind =>
  WARNING_KINDS.find(([pattern]) => pattern.test(sentence))?.[1] ?? 'other';

export type SweepsPorts = { readonly records: Pick<SweepRecords, 'latestSweeps'>; readonly now: () => number };

const LATEST_SWEEPS = 10;

export function createSweeps({ records, now }: SweepsPorts): Collector<'sweeps'> {
  return async ({ fromMs, toMs }) => {
    const takenAtMs = now();
    const sweeps = (await records.latestSweeps(LATEST_SWEEPS)).filter(
      ({ dryRun, startedAtMs, finishedAtMs = toMs }) => !dryRun && startedAtMs <= toMs && finishedAtMs >= fromMs - DAY_MS,
    );
    return { takenAtMs, facts: { sweeps: sweeps.map((sweep) => sweepFacts(sweep, sweeps)) } };
  };
}

/** A sweep that went on from another one has its numbers too: each counts what it did itself. */
function sweepFacts(
  { sweepId, startedAtMs, status, summary, unfinished }: SweepRecord,
  all: readonly SweepRecord[],
): SweepFacts['sweeps'][number] {
  const before = all.find((one) => one.sweepId === unfinished?.sweepIds[1])?.summary;
  const own = (of: (counts: SweepSummary) => number) => (summary ? of(summary) : 0) - (summary && before ? of(before) : 0);
  return {
    sweepId,
    startedAtMs,
    status,
    repaired: own(({ repaired, deleted }) => repaired + deleted),
    shortened: own(({ shortened = 0 }) => shortened),
    ...(summary?.unconfirmed && { unconfirmed: summary.unconfirmed.map(({ setting }) => setting) }),
    ...(summary?.unknownGrowth && { unknownGrowth: summary.unknownGrowth }),
  };
}

export interface CanaryPorts {
  readonly fleets: Fleets;
  readonly read: (fleet: string) => Promise<CanaryRecord | undefined>;
  readonly now: () => number;
}

export function createCanary({ fleets, read, now }: CanaryPorts): Collector<'canary'> {
  return async ({ fleets: names, fromMs, toMs }) => {
    const watched = names.filter((name) => fleets[name]?.canary);
    if (watched.length === 0) return { gap: 'no canary keeps sessions alive from outside' };
    const takenAtMs = now();
    const records = await Promise.all(watched.map(read));
    const found = records.filter((record) => record !== undefined);
    if (found.length === 0) return { gap: 'the canary has not taken a turn yet' };
    const gaps = [
      ...found.flatMap(({ failed }) => (failed ? [`the canary does not work: ${failed.what}`] : [])),
      ...(found.length < names.length ? [`a canary keeps sessions of ${found.length} of ${names.length} fleets`] : []),
    ];
    const isInWindow = (atMs: number) => atMs >= fromMs && atMs <= toMs;
    const facts = {
      sessions: sumOf(found, ({ sessions }) => sessions),
      vanished: sumOf(found, ({ vanishedAtMs }) => vanishedAtMs.filter(isInWindow).length),
    };
    return { takenAtMs, facts, ...(gaps.length > 0 && { gaps }) };
  };
}

export interface CriticalActionPorts {
  readonly dynamo: DynamoDBDocumentClient;
  readonly installation: string;
  readonly fleets: readonly string[];
  readonly now: () => number;
}

export function createCriticalActionsCollector({ dynamo, installation, fleets, now }: CriticalActionPorts): Collector<'criticalActions'> {
  return async (request) => {
    const takenAtMs = now();
    const asked = request.fleets.filter((fleet) => fleets.includes(fleet));
    const counts: CriticalActionFacts['fleets'][number][] = [];
    const gaps: string[] = [];
    for (const fleet of asked) {
      try {
        counts.push({ fleet, ...(await countPending(dynamo, criticalActionsTableName(installation, fleet), takenAtMs)) });
      } catch (error) {
        gaps.push(`the pending critical actions of fleet ${fleet} could not be counted (${(error as Error).name})`);
      }
    }
    return { takenAtMs, facts: { fleets: counts }, ...(gaps.length > 0 && { gaps }) };
  };
}

/** One page of each partition of the index: 1 MB, some 5,000 actions. @throws the SDK's errors */
async function countPending(dynamo: DynamoDBDocumentClient, table: string, nowMs: number): Promise<{ pending: number; atLeast?: true }> {
  const { ttl, pendingIndex } = CRITICAL_ACTIONS_TABLE;
  const pages = await Promise.all(
    PENDING_PARTITIONS.map((partition) =>
      dynamo.send(
        new QueryCommand({
          TableName: table,
          IndexName: pendingIndex.name,
          Select: 'COUNT',
          KeyConditionExpression: '#partition = :partition AND #expiresAt > :now',
          ExpressionAttributeNames: { '#partition': pendingIndex.partitionKey, '#expiresAt': ttl },
          ExpressionAttributeValues: { ':partition': partition, ':now': Math.floor(nowMs / 1_000) },
        }),
      ),
    ),
  );
  const pending = sumOf(pages, ({ Count = 0 }) => Count);
  return { pending, ...(pages.some(({ LastEvaluatedKey }) => LastEvaluatedKey !== undefined) && { atLeast: true }) };
}

export function describeCriticalActions({ fleets }: CriticalActionFacts): string[] {
  return fleets.map(({ fleet, pending, atLeast }) => {
    const count = `${atLeast ? 'at least ' : ''}${pending}`;
    return pending === 0
      ? `No critical action of fleet ${fleet} is pending.`
      : `${count} critical ${nounFor(pending, 'action')} of fleet ${fleet} ${pending === 1 ? 'is' : 'are'} pending: the application offers them again when their users log in.`;
  });
}

export type ReadingPorts = { readonly records: Pick<StoreRecords, 'getStore'>; readonly now: () => number };

/** The names of the largest sessions are hashed already. */
export function createReadings({ records, now }: ReadingPorts): Collector<'readings'> {
  return async () => {
    const record = await records.getStore();
    const takenAtMs = now();
    if (!record) return { gap: 'the session store has never been read: no reading is on record' };
    const { reading, window, minutes, lastFailover } = record;
    return { takenAtMs, facts: { reading, window, ...(minutes && { minutes }), ...(lastFailover && { lastFailover }) } };
  };
}
