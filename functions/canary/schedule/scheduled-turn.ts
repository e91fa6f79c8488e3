/** One invocation by the schedule: uses the kept sessions, and runs all checks when they are due. */

import {
  type CanaryLease,
  type CanaryRecord,
  type CanaryRecords,
  emptyRecord,
  openFindings,
  type StoredLine,
  type TimeOutLine,
  withVanished,
} from '../contract/canary-records.ts';
import { NoAnswer, RecipeFailed, RunStopped } from '../contract/errors.ts';
import type { Policy, Recipe } from '../contract/recipe.ts';
import { makeReport } from '../findings/make-report.ts';
import type { Outcome } from '../findings/result.ts';
import { type Kept, LONGEST_SECONDS, TOLERANCE, topicOf } from '../kept/judge-kept.ts';
import { beginKept, endKept, takeTurn } from '../kept/use-kept.ts';
import { examineSite } from '../run-canary.ts';
import type { Site } from '../site/site.ts';

/** A deploy in between begins the kept sessions anew, so that a long time-out can stay unseen for a while. */
const RUNS_UNTIL_OLD = 3;

/** The sessions that are kept: a secret. */
export interface KeptStore {
  /** @throws RecipeFailed when a password cannot be read, without which no stored session can */
  read(): Promise<Kept | undefined>;
  /** @param kept undefined: there are none @throws RecipeFailed, as `read`, and when there is no room for them */
  write(kept: Kept | undefined): Promise<void>;
}

export interface TurnPorts {
  readonly recipe: Recipe;
  readonly url: string;
  readonly everyMs: number;
  readonly records: CanaryRecords;
  readonly lease: CanaryLease;
  readonly kept: KeptStore;
  /** Whether something changes the fleet's servers now, and when its latest deploy ended. */
  deploys(): Promise<{ readonly isBusy: boolean; readonly deployedAtMs: number | undefined }>;
  /** The site, with the limits of one run. @throws RecipeFailed when a password cannot be read */
  openSite(): Promise<Site>;
  now(): number;
  readonly leaseMs: number;
  /** Unique among invocations. */
  readonly owner: string;
}

export interface TurnReply {
  /** `busy`: another invocation is at work. `failed`: the site did not answer as the recipe says. */
  readonly did: 'turn' | 'run' | 'busy' | 'failed';
  /** Open findings; absent where there is none, and all checks have not run once. */
  readonly findings?: number;
  readonly vanished: number;
  /** Why it failed, in a sentence. Never an id, a cookie's value or a password. */
  readonly why?: string;
}

/** @throws what is none of the site's doing, such as an error of AWS */
export async function scheduledTurn(ports: TurnPorts): Promise<TurnReply> {
  const { lease, owner, now, leaseMs } = ports;
  if (!(await lease.take(owner, now(), now() + leaseMs))) return { did: 'busy', vanished: 0 };
  try {
    return await turn(ports);
  } finally {
    await lease.release(owner);
  }
}

async function turn(ports: TurnPorts): Promise<TurnReply> {
  const before = (await ports.records.get()) ?? emptyRecord(ports.url);
  const used = await useKept(ports, { ...before, url: ports.url });
  const runs = used.failure === undefined && (await isDue(ports, used.record, used.kept !== undefined));
  const { record, kept, failure } = runs ? await runAll(ports, used.record, used.kept) : used;
  const atMs = ports.now();
  const findings = openFindings(record).length;
  const seen = { vanished: used.vanished, ...((record.ranAtMs !== undefined || findings > 0) && { findings }) };
  if (failure !== undefined) {
    await ports.records.put({ ...record, failed: { sinceMs: record.failed?.sinceMs ?? atMs, atMs, what: failure } });
    return { did: 'failed', ...seen, why: failure };
  }
  if (kept === undefined) {
    await ports.records.put(record);
    return { did: 'failed', ...seen, why: record.failed?.what ?? 'something changes the servers, and the first run comes after it' };
  }
  const { failed: _over, ...rest } = record;
  await ports.records.put({ ...rest, turnedAtMs: atMs });
  return { did: runs ? 'run' : 'turn', ...seen };
}

interface Step {
  readonly record: CanaryRecord;
  readonly kept: Kept | undefined;
  readonly failure?: string | undefined;
}

async function useKept(ports: TurnPorts, record: CanaryRecord): Promise<Step & { readonly vanished: number }> {
  const read = await attempt(() => ports.kept.read());
  if ('failure' in read) return { record, kept: undefined, vanished: 0, failure: read.failure };
  const kept = read.result;
  if (kept === undefined) return { record: { ...record, sessions: 0 }, kept, vanished: 0 };
  const turned = await attempt(async () => takeTurn(await ports.openSite(), kept, { everyMs: ports.everyMs }));
  if ('failure' in turned) return { record, kept, vanished: 0, failure: turned.failure };
  const { kept: next, outcomes, vanished, refused } = turned.result;
  const failure = (await keep(ports, next)) ?? refused?.message;
  const atMs = ports.now();
  const oldMs = RUNS_UNTIL_OLD * runEveryMs(ports.recipe.policy ?? {}, ports.everyMs);
  const seen = withVanished(afterTurn(record, storedLines(ports.recipe, outcomes), { atMs, oldMs }), vanished, atMs);
  if (failure !== undefined) return { record: { ...seen, sessions: 0 }, kept: undefined, vanished, failure };
  return { record: { ...seen, sessions: next ? 2 : 0 }, kept: next, vanished };
}

async function isDue(ports: TurnPorts, { ranAtMs, failed }: CanaryRecord, hasKept: boolean): Promise<boolean> {
  return isRunDue({
    nowMs: ports.now(),
    everyMs: ports.everyMs,
    policy: ports.recipe.policy ?? {},
    hasKept,
    ranAtMs,
    failedAtMs: failed?.atMs,
    ...(await ports.deploys()),
  });
}

/** Runs all checks, without the kept sessions: its own logins would end them, where a user can have few. */
async function runAll(ports: TurnPorts, record: CanaryRecord, kept: Kept | undefined): Promise<Step> {
  const ranAtMs = ports.now();
  // An invocation that dies in the middle leaves this: otherwise the next turn would run again, and lock an account in time.
  const failed = { sinceMs: record.failed?.sinceMs ?? ranAtMs, atMs: ranAtMs, what: 'the last run of all checks did not come to its end' };
  await ports.records.put({ ...record, sessions: 0, failed });
  // First of all: sessions that are logged out, and still on record after a crash, would seem to have vanished.
  await ports.kept.write(undefined);
  const without = { ...record, sessions: 0 };
  const examined = await attempt(async () => {
    const site = await ports.openSite();
    if (kept) {
      const ending = await ports.openSite();
      await endKept(ending, kept);
      if (ending.pace.stopped) throw ending.pace.stopped;
    }
    return { ...(await examineSite({ recipe: ports.recipe, base: site.base, extras: [] }, site)), pace: site.pace };
  });
  if ('failure' in examined) return { record: without, kept: undefined, failure: examined.failure };
  const { outcomes, names, pace } = examined.result;
  const results: CanaryRecord = { ...without, lines: afterRun(record.lines, storedLines(ports.recipe, outcomes)) };
  // A site that answered 429, or locked an account, is left alone: also without the logins of the sessions that are kept.
  if (pace.stopped) return { record: results, kept: undefined, failure: `the run was stopped, because ${pace.stopped.message}` };
  const complete = { ...results, ranAtMs };
  // What comes after it can fail by itself.
  await ports.records.put({ ...complete, failed });
  await pace.restAfterLogin();
  const begun = await attempt(async () => beginKept(await ports.openSite(), names, kept));
  if ('failure' in begun) return { record: complete, kept: undefined, failure: begun.failure };
  const failure = await keep(ports, begun.result);
  if (failure !== undefined) return { record: complete, kept: undefined, failure };
  return { record: { ...complete, sessions: 2 }, kept: begun.result };
}

/** Stores the sessions. Those that cannot be stored are logged out, and none are kept. @returns why there was no room for them */
async function keep(ports: TurnPorts, kept: Kept | undefined): Promise<string | undefined> {
  const written = await attempt(() => ports.kept.write(kept));
  if (!('failure' in written) || kept === undefined) return undefined;
  await ports.kept.write(undefined);
  await attempt(async () => endKept(await ports.openSite(), kept));
  return written.failure;
}

type Attempt<T> = { readonly result: T } | { readonly failure: string };

/** What the site does is a result; anything else is thrown. */
async function attempt<T>(work: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { result: await work() };
  } catch (error) {
    if (error instanceof RecipeFailed || error instanceof RunStopped || error instanceof NoAnswer) return { failure: error.message };
    throw error;
  }
}

/** What is due in one turn of the schedule. Pure. */

const DAY_MS = 86_400_000;
/** No run begins this soon after one that failed: each begins with a wrong password, and some sites lock an account after a few of these. */
export const RETRY_MS = 3_600_000;

export interface Situation {
  readonly nowMs: number;
  readonly everyMs: number;
  readonly policy: Policy;
  readonly hasKept: boolean;
  readonly ranAtMs: number | undefined;
  /** The last failure, if nothing has worked since. */
  readonly failedAtMs: number | undefined;
  /** A deploy or an incident's mitigation is at work. */
  readonly isBusy: boolean;
  readonly deployedAtMs: number | undefined;
}

/** Whether all checks are to run. They begin the kept sessions anew, so that long time-outs are given the time to be measured. */
export function isRunDue({ nowMs, everyMs, policy, hasKept, ranAtMs, failedAtMs, isBusy, deployedAtMs }: Situation): boolean {
  if (isBusy) return false;
  if (failedAtMs !== undefined && nowMs - failedAtMs < RETRY_MS) return false;
  if (!hasKept || ranAtMs === undefined) return true;
  if (deployedAtMs !== undefined && deployedAtMs > ranAtMs) return true;
  return nowMs - ranAtMs >= runEveryMs(policy, everyMs);
}

/** A day, or as long as it takes to see every time-out of the policy that is measured at all. */
export function runEveryMs({ idleSeconds, absoluteSeconds }: Policy, everyMs: number): number {
  const measured = (seconds: number | undefined) => (seconds !== undefined && seconds <= LONGEST_SECONDS ? seconds * 1_000 : 0);
  // B's session is used shortly before the idle time-out, and then shortly after it.
  const idleMs = 2 * measured(idleSeconds);
  const absoluteMs = measured(absoluteSeconds) * (1 + TOLERANCE);
  return Math.max(DAY_MS, ...[idleMs, absoluteMs].filter((ms) => ms > 0).map((ms) => ms + 3 * everyMs));
}

/** How results come together on record. Pure. */

const TIME_OUTS = 'time-outs';

/** Makes a report's lines for the record, without the texts that the catalogue of findings supplies. */
export function storedLines(recipe: Recipe, outcomes: readonly Outcome[]): readonly StoredLine[] {
  const { lines } = makeReport({ url: '', recipe, sent: { requests: 0, logins: 0 } }, outcomes);
  return lines.map(({ check, result, severity, what, finding, accepted }) => ({
    ...{ check, result, severity, what },
    ...(finding !== undefined && { finding }),
    ...(accepted !== undefined && { accepted }),
  }));
}

/**
 * The results of all checks. A finding stays where something got in the way of a part of its check this time: otherwise a site that is
 * down for a minute would end the alarm.
 */
export function afterRun(before: readonly StoredLine[], now: readonly StoredLine[]): readonly StoredLine[] {
  const concluded = now.filter(({ check }) => check !== TIME_OUTS);
  const isOpen = ({ check, finding }: StoredLine) =>
    concluded.some((line) => line.check === check && line.severity === 'unknown') && !concluded.some((line) => line.finding === finding);
  return [...concluded, ...before.filter((line) => line.finding !== undefined && isOpen(line))];
}

/**
 * The record with what kept sessions showed in a turn: of each topic the latest result, until it is `oldMs` old. The browser's end of a
 * cookie, for one, shows again with every session that is kept, or has been repaired.
 */
export function afterTurn(
  record: CanaryRecord,
  now: readonly StoredLine[],
  { atMs, oldMs }: { readonly atMs: number; readonly oldMs: number },
): CanaryRecord {
  const isCurrent = (line: TimeOutLine) => atMs - line.atMs < oldMs && !now.some((one) => topicOf(one) === topicOf(line));
  return { ...record, timeOuts: [...record.timeOuts.filter(isCurrent), ...now.map((line) => ({ ...line, atMs }))] };
}
