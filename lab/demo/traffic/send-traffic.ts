/** The traffic of `holdfast up --traffic`: until Ctrl-C, and never longer than its local cloud. */

import { setTimeout as sleep } from 'node:timers/promises';
import { type CloudState, readRecordedCloud } from '../../../cli/cloud-state.ts';
import { EXIT } from '../../../cli/failure.ts';
import { showWait } from '../../../cli/output.ts';
import { counted } from '../../../functions/shared/counted.ts';
import { processStart } from '../../../setup/process-start.mjs';
import { startTraffic, type Traffic } from './client.ts';
import { type CloudFate, fateOf } from './cloud-fate.ts';
import type { TrafficReport } from './contract.ts';
import { isClean, isDriven, troubleSince, whyNotDriven } from './judge-traffic.ts';

/** A new cloud takes many seconds until its load balancer listens, at the same port or at another one. */
const POLL_MS = 500;
/** Between two lines about requests that fail. */
const TROUBLE_MS = 20_000;
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export interface SentTraffic {
  readonly cloud: Pick<CloudState, 'pid' | 'startedAtMs' | 'caFile'>;
  /** The load balancer's. */
  readonly url: string;
  readonly users: number;
}

/**
 * @param progress gets the lines for people: the command has printed its result
 * @returns the exit code: a failure when requests failed, sessions were lost or the cloud was killed
 * @throws Error when not all users can log in
 */
export async function sendTraffic({ cloud, url, users }: SentTraffic, progress: (line: string) => void): Promise<number> {
  const { pid, caFile } = cloud;
  const interruption = new AbortController();
  const interrupt = () => interruption.abort();
  for (const signal of SIGNALS) process.once(signal, interrupt);
  const traffic = startTraffic({ url, caFile, users, endsWith: { pid, start: processStart(pid) ?? '' } });
  try {
    let areIn = false;
    const loggedIn = traffic.ready.then(() => {
      areIn = true;
    });
    const driven = () => progress(`${counted(users, 'user')} ${users === 1 ? 'is' : 'are'} logged in; Ctrl-C ends the traffic`);
    const seen = watch({ cloud, traffic, signal: interruption.signal, areIn: () => areIn, driven, progress });
    // While the cloud is up, users who cannot log in are an error; after its end they are a part of it.
    await Promise.race([seen, loggedIn]);
    const { fate, report, why } = await showWait(undefined, () => seen);
    const last = await traffic.stop().catch(() => report);
    progress(why ?? (fate === 'up' ? figuresOf(last) : describeEnd(pid, fate, report)));
    const final = fate === 'up' ? last : report;
    return fate === 'killed' || why !== undefined || (final !== undefined && !isClean(final)) ? EXIT.failed : 0;
  } finally {
    interrupt();
    for (const signal of SIGNALS) process.off(signal, interrupt);
  }
}

/** The fate of the cloud, and the latest report from before its end, which no request that this end broke is part of. */
interface Seen {
  readonly fate: CloudFate;
  readonly report: TrafficReport | undefined;
  /** Why the traffic cannot drive the application. */
  readonly why?: string;
}

interface Watched {
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
async function watch({ cloud, traffic, signal, areIn, driven, progress }: Watched): Promise<Seen> {
  let report: TrafficReport | undefined;
  /** The report that trouble is counted from; undefined until users get right answers. */
  let judged: TrafficReport | undefined;
  while (!signal.aborted) {
    const latest = await traffic.snapshot().catch(() => undefined);
    const fate = fateOf(cloud, await readRecordedCloud());
    if (fate !== 'up') return { fate, report };
    report = latest ?? report;
    if (report !== undefined && judged === undefined) {
      const why = whyNotDriven(report);
      if (why !== undefined) return { fate, report, why };
      if (areIn() && isDriven(report)) {
        driven();
        judged = report;
      }
    } else if (report !== undefined && judged !== undefined && report.elapsedMs - judged.elapsedMs >= TROUBLE_MS) {
      const trouble = troubleSince(judged, report);
      if (trouble !== undefined) progress(`warning: ${trouble}`);
      judged = report;
    }
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
  return { fate: 'up', report };
}

const figuresOf = (report: TrafficReport | undefined): string =>
  report
    ? `${counted(report.requests, 'request')}, ${report.failed} failed, ${report.sessionsLost} of ${report.users} sessions lost`
    : 'no figures, as it ended before the first report';

/** One sentence. */
function describeEnd(pid: number, fate: 'stopped' | 'killed', report: TrafficReport | undefined): string {
  const end = fate === 'stopped' ? 'has stopped' : 'ended unexpectedly (its log is .holdfast/logs/daemon.log)';
  return `the local cloud (process ${pid}) ${end}, and the traffic with it: ${figuresOf(report)}`;
}
