/** One invocation by the schedule: uses the kept sessions, and runs all checks when they are due. */
import { NoAnswer, RecipeFailed, RunStopped } from '../errors.ts';
import type { Kept } from '../kept/kept-sessions.ts';
import { beginKept, endKept, takeTurn } from '../kept/use-kept.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { examineSite } from '../run-canary.ts';
import type { Site } from '../site/site.ts';
import { type CanaryLease, type CanaryRecord, type CanaryRecords, emptyRecord, openFindings, withVanished } from './canary-records.ts';
import { isRunDue, runEveryMs } from './is-run-due.ts';
import { afterRun, afterTurn, storedLines } from './merge-lines.ts';

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
  /** Longest time of the invocation. */
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

/** Uses the kept sessions, if there are any. */
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
