/** Models infra/documents/wait-idle.py. */
import type { WaitIdleOutput } from '../../../../../functions/instance/documents.ts';
import { NO_RELEASE } from '../../../../../functions/shared/version.ts';
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
  if (!currentBehaviour?.offersCounts) return noCounts("the release's contract has no inFlight and requests probes");

  const sliceSeconds = Math.min(numberOf(context, 'sliceSeconds'), LONGEST_SLICE_SECONDS);
  const begunAtMs = process.now();
  const endMs = begunAtMs + sliceSeconds * 1000;
  const floorMs = begunAtMs + Math.min(numberOf(context, 'floorSeconds'), sliceSeconds) * 1000;
  const quietMs = numberOf(context, 'quietSeconds') * 1000;
  let requests = numberOf(context, 'previousRequests');
  let quietSinceMs: number | undefined;
  let failures = 0;
  for (;;) {
    const sample = await readCounts(context);
    if ('error' in sample) {
      failures += 1;
      if (failures >= FAILURES_IN_A_ROW) return noCounts(sample.error);
      await process.sleep(POLL_MS);
      continue;
    }
    failures = 0;
    const nowMs = process.now();
    if (sample.requests !== requests || sample.inFlight > 0) quietSinceMs = nowMs;
    quietSinceMs ??= nowMs - numberOf(context, 'previousQuietSeconds') * 1000;
    requests = sample.requests;
    const quiet = nowMs - quietSinceMs;
    if (nowMs >= endMs || (nowMs >= floorMs && sample.inFlight === 0 && quiet >= quietMs)) {
      return print({ signal: 'counts', quietSeconds: quiet / 1000, inFlight: sample.inFlight, requests });
    }
    const near = [floorMs, endMs].filter((atMs) => atMs > nowMs).map((atMs) => atMs - nowMs);
    await process.sleep(Math.min(POLL_MS, ...near));
  }
};

const print = (output: WaitIdleOutput) => printed(output);
const noCounts = (reason: string) => print({ signal: 'blind', quietSeconds: 0, reason });

/** The answer's milliseconds are left out: a sample every 0.2 s shows the same, at half the events. */
async function readCounts(context: ScriptContext): Promise<{ inFlight: number; requests: number } | { error: string }> {
  const { application } = context.machine;
  if (application?.isListening && !application.isFrozen) {
    return application.isPlaceholder ? { error: '/stats returns status 503' } : application.counts;
  }
  const answer = await httpGet(context);
  return { error: 'error' in answer ? `/stats: ${answer.error}` : '/stats: the server answered too late' };
}
