/** The traffic of `holdfast up --traffic`: until Ctrl-C, and never longer than its local cloud. */

import { setTimeout as sleep } from 'node:timers/promises';
import { type CloudState, readRecordedCloud } from '../../../cli/cloud-state.ts';
import { EXIT } from '../../../cli/failure.ts';
import { showWait } from '../../../cli/output.ts';
import { counted } from '../../../functions/shared/texts.ts';
import { processStart } from '../../../setup/process-start.mjs';
import { startTraffic, type Traffic } from './client.ts';
import { type CloudFate, fateOf } from './cloud-fate.ts';
import type { TrafficOptions, TrafficReport } from './contract.ts';
import { figuresOf, isClean, isDriven, troubleSince, whyNotDriven } from './judge-traffic.ts';
import { settle } from './run-traffic.ts';

/** A new cloud takes many seconds until its load balancer listens, at the same port or at another one. */
const POLL_MS = 500;
/** Between two lines about requests that fail. */
const TROUBLE_MS = 20_000;
/** In addition to the time in which the users log in one after the other. */
const READY_MS = 30_000;

export interface SentTraffic extends Pick<TrafficOptions, 'recipe' | 'thinkTimeMs' | 'visitMs'> {
  readonly cloud: Pick<CloudState, 'pid' | 'startedAtMs' | 'caFile'>;
  /** The load balancer's. */
  readonly url: string;
  readonly users: number;
  /** Ends the traffic. */
  readonly signal: AbortSignal;
  /** The recipe's file, for messages. */
  readonly recipeFile?: string | undefined;
}

/**
 * @param progress gets the lines for people: the command has printed its result
 * @returns the exit code: a failure when requests failed, sessions were lost or the cloud was killed
 * @throws Error when not all users can log in
 */
export async function sendTraffic(
  { cloud, recipeFile, signal, ...options }: SentTraffic,
  progress: (line: string) => void,
): Promise<number> {
  const { pid, caFile } = cloud;
  const ended = new AbortController();
  const { thinkTimeMs, rampUpMs, ...settled } = settle(options);
  const traffic = startTraffic(
    { ...settled, thinkTimeMs, rampUpMs, caFile, endsWith: { pid, start: processStart(pid) ?? '' } },
    rampUpMs + READY_MS,
  );
  try {
    let areIn = false;
    const loggedIn = traffic.ready.then(() => {
      areIn = true;
    });
    const { users } = settled;
    const rate = `${((users * 1_000) / thinkTimeMs).toFixed(users * 500 < thinkTimeMs ? 1 : 0)} requests a second`;
    const driven = () =>
      progress(`${counted(users, 'user')} ${users === 1 ? 'is' : 'are'} logged in, about ${rate}; Ctrl-C ends the traffic`);
    const seen = watch({
      cloud,
      traffic,
      recipeFile,
      signal: AbortSignal.any([signal, ended.signal]),
      areIn: () => areIn,
      driven,
      progress,
    });
    // While the cloud is up, users who cannot log in are an error; after its end they are a part of it.
    await Promise.race([seen, loggedIn]);
    const { fate, report, why } = await showWait(undefined, () => seen);
    const last = await traffic.stop().catch(() => report);
    progress(why ? `${why}; the local cloud stays up` : fate === 'up' ? figuresOf(last) : describeEnd(pid, fate, report));
    const final = fate === 'up' ? last : report;
    return fate === 'killed' || why !== undefined || (final !== undefined && !isClean(final)) ? EXIT.failed : 0;
  } finally {
    ended.abort();
    await traffic.stop().catch(() => undefined);
  }
}

/** The fate of the cloud, and the latest report from before its end, which no request that this end broke is part of. */
interface Seen {
  readonly fate: CloudFate;
  readonly report: TrafficReport | undefined;
  /** Why the traffic cannot drive the application. */
  readonly why?: string;
}

interface Watched extends Pick<SentTraffic, 'recipeFile'> {
  readonly cloud: SentTraffic['cloud'];
  readonly traffic: Traffic;
  readonly signal: AbortSignal;
  /** Every login was answered; with a page that answers everything with 200, too. */
  readonly areIn: () => boolean;
  /** Called once, when users get right answers. */
  readonly driven: () => void;
  readonly progress: (line: string) => void;
}

/** Watches until the cloud has ended, no user gets on, or `signal` aborts. Reports requests that fail meanwhile. */
async function watch({ cloud, traffic, recipeFile, signal, areIn, driven, progress }: Watched): Promise<Seen> {
  let report: TrafficReport | undefined;
  /** The report that trouble is counted from; undefined until users get right answers. */
  let judged: TrafficReport | undefined;
  let wasTroubled = false;
  while (!signal.aborted) {
    const latest = await traffic.snapshot().catch(() => undefined);
    const fate = fateOf(cloud, await readRecordedCloud());
    if (fate !== 'up') return { fate, report };
    report = latest ?? report;
    if (report !== undefined && judged === undefined) {
      const why = whyNotDriven(report, recipeFile);
      if (why !== undefined) return { fate, report, why };
      if (areIn() && isDriven(report)) {
        driven();
        judged = report;
      }
    } else if (report !== undefined && judged !== undefined && report.elapsedMs - judged.elapsedMs >= TROUBLE_MS) {
      const trouble = troubleSince(judged, report);
      if (trouble !== undefined) progress(`warning: ${trouble}`);
      else if (wasTroubled) progress('requests succeed again');
      wasTroubled = trouble !== undefined;
      judged = report;
    }
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
  return { fate: 'up', report };
}

/** One sentence. */
function describeEnd(pid: number, fate: 'stopped' | 'killed', report: TrafficReport | undefined): string {
  const end = fate === 'stopped' ? 'has stopped' : 'ended unexpectedly (its log is .holdfast/logs/daemon.log)';
  return `the local cloud (process ${pid}) ${end}, and the traffic with it: ${figuresOf(report)}`;
}
