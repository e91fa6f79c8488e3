/** Models server/documents/wait_idle.py. The kernel sees each request in flight: a tie, a WebSocket or a stream is not modelled. */
import type { WaitIdleOutput } from '../../../../../functions/instance/document-contract.ts';
import { NO_RELEASE } from '../../../../../functions/shared/version.ts';
import type { Machine } from '../../servers/machine.ts';
import { SESSION_TIMEOUT_MS } from '../../servers/session-memory.ts';
import { exited, httpGet, isStale, numberOf, printed, type Script, type ScriptContext } from './script.ts';

const POLL_MS = 200;
const LONGEST_SLICE_SECONDS = 120;
const FAILURES_IN_A_ROW = 3;

export const waitIdle: Script = async (context) => {
  const { machine, process } = context;
  const fencingToken = numberOf(context, 'fencingToken');
  if (isStale(machine, fencingToken)) {
    return exited(`StaleFencingToken: a deploy with a fencing token above ${fencingToken} works on this instance`);
  }
  const { disk, currentBehaviour } = machine;
  if (disk.current === NO_RELEASE && disk.hasPlaceholder) return print({ signal: 'blind', placeholder: true, quietSeconds: 0 });
  if (context.parameters['watch'] === 'sessions') return watchSessions(context);
  const chosen = context.parameters['drainSignal'];
  const sliceMs = Math.min(numberOf(context, 'sliceSeconds'), LONGEST_SLICE_SECONDS) * 1000;
  const slice: Slice = {
    floorMs: process.now() + Math.min(numberOf(context, 'floorSeconds') * 1000, sliceMs),
    endMs: process.now() + sliceMs,
    quietMs: numberOf(context, 'quietSeconds') * 1000,
    carriedMs: numberOf(context, 'previousQuietSeconds') * 1000,
  };
  const reasons: string[] = [];
  for (const view of [counts(context, currentBehaviour?.offersCounts ?? false), kernel(context, slice)]) {
    const isChosen = chosen === 'auto' || chosen === view.signal;
    const onlyEnded = chosen === 'counts' && whyEnded(context.machine) !== undefined;
    if (!isChosen && !onlyEnded) continue;
    const watched = 'reason' in view ? view : await watch(context, view, slice);
    if (!('reason' in watched)) {
      const reason = [reasons[0], view.signal === 'kernel' && whyEnded(context.machine)].filter(Boolean).join('; ');
      return print({ signal: view.signal, ...watched, ...(reason !== '' && { reason }) });
    }
    if (isChosen) reasons.push(watched.reason);
  }
  return print({ signal: 'blind', quietSeconds: 0, reason: reasons.join('; ') || 'drainSignal is blind' });
};

const SESSIONS_POLL_MS = 1_000;

/** Until no session is left, or the slice is over. The route is the instance's id. */
async function watchSessions(context: ScriptContext) {
  const { machine, process } = context;
  const endMs = process.now() + Math.min(numberOf(context, 'sliceSeconds'), LONGEST_SLICE_SECONDS) * 1000;
  const named = { sessionCookie: 'SID', sessionRoute: machine.instanceId, sessionTimeoutSeconds: SESSION_TIMEOUT_MS / 1000 };
  for (;;) {
    const { application } = machine;
    const sessions = application?.isListening && !application.isFrozen ? application.memory?.count : undefined;
    if (sessions === 0 || process.now() >= endMs)
      return print({ signal: 'sessions', quietSeconds: 0, ...named, ...(sessions !== undefined && { sessions }) });
    await process.sleep(Math.min(SESSIONS_POLL_MS, endMs - process.now()));
  }
}

/** The drain that each machine's run folder remembers. */
const watchedDrains = new WeakMap<Machine, string>();

/** Times of the machine's clock, in milliseconds. */
interface Slice {
  readonly floorMs: number;
  readonly endMs: number;
  readonly quietMs: number;
  readonly carriedMs: number;
}

interface Reading {
  readonly inFlight: number;
  readonly requests?: number;
  readonly longLived?: number;
  readonly ties?: number;
}

interface View {
  readonly signal: 'counts' | 'kernel';
  /** True when a request has come since the reading before. */
  readonly isNew: (reading: Reading) => boolean;
  readonly read: () => Promise<Reading | { readonly error: string }>;
}

/** The port is the model's own. */
function whyEnded(machine: Machine): string | undefined {
  const state = machine.stateOf('holdfast-app');
  if (machine.currentBehaviour === undefined || machine.application || state === 'active') return undefined;
  return `nothing listens at port 8080, and holdfast-app is ${state}: no request can be in flight`;
}

async function watch(
  { machine, process }: ScriptContext,
  view: View,
  slice: Slice,
): Promise<(Reading & { quietSeconds: number }) | { reason: string }> {
  let quietSinceMs: number | undefined;
  let failures = 0;
  for (;;) {
    const reading = await view.read();
    if ('error' in reading) {
      failures += 1;
      if (failures >= FAILURES_IN_A_ROW) return { reason: reading.error };
      await process.sleep(POLL_MS);
      continue;
    }
    failures = 0;
    const nowMs = process.now();
    if (view.isNew(reading) || reading.inFlight > 0) quietSinceMs = nowMs;
    quietSinceMs ??= nowMs - slice.carriedMs;
    const isEnded = view.signal === 'kernel' && whyEnded(machine) !== undefined;
    const quiet = Math.max(nowMs - quietSinceMs, isEnded ? slice.quietMs + 1 : 0);
    if (nowMs >= slice.endMs || (nowMs >= slice.floorMs && reading.inFlight === 0 && quiet >= slice.quietMs)) {
      return { ...reading, quietSeconds: quiet / 1000 };
    }
    const near = [slice.floorMs, slice.endMs].filter((atMs) => atMs > nowMs).map((atMs) => atMs - nowMs);
    await process.sleep(Math.min(POLL_MS, ...near));
  }
}

function counts(context: ScriptContext, isOffered: boolean): (View & { signal: 'counts' }) | { signal: 'counts'; reason: string } {
  if (!isOffered) return { signal: 'counts', reason: "the release's contract has no inFlight and requests probes" };
  let requests: number | undefined = numberOf(context, 'previousRequests');
  const isNew = (reading: Reading) => {
    const before = requests;
    requests = reading.requests;
    return reading.requests !== before;
  };
  return { signal: 'counts', isNew, read: () => readCounts(context) };
}

function kernel(
  { machine, process, parameters }: ScriptContext,
  { carriedMs }: Slice,
): (View & { signal: 'kernel' }) | { signal: 'kernel'; reason: string } {
  const drain = `${machine.boot} ${parameters['drainStartedAtMs']}`;
  const isAbsent = !machine.application?.isListening && whyEnded(machine) === undefined;
  if (isAbsent && watchedDrains.get(machine) !== drain) return { signal: 'kernel', reason: 'nothing listens at the port' };
  watchedDrains.set(machine, drain);
  // Connections show when they last received something, also between two slices.
  let seenAtMs = process.now() - carriedMs;
  const isNew = () => {
    const before = seenAtMs;
    seenAtMs = Math.max(seenAtMs, machine.application?.lastRequestAtMs ?? seenAtMs);
    return seenAtMs > before;
  };
  const read = async () => {
    await process.sleep(0);
    return { inFlight: machine.application?.counts.inFlight ?? 0, longLived: 0, ties: 0 };
  };
  return { signal: 'kernel', isNew, read };
}

const print = (output: WaitIdleOutput) => printed(output);

/** The answer's milliseconds are left out: a sample every 0.2 s shows the same, at half the events. */
async function readCounts(context: ScriptContext): Promise<{ readonly inFlight: number; readonly requests: number } | { error: string }> {
  const { application } = context.machine;
  if (application?.isListening && !application.isFrozen) {
    const { inFlight, requests } = application.counts;
    return application.isPlaceholder ? { error: '/stats returns status 503' } : { inFlight, requests };
  }
  const answer = await httpGet(context);
  return { error: 'error' in answer ? `/stats: ${answer.error}` : '/stats: the server answered too late' };
}
