/** The traffic of `holdfast up --traffic`: until Ctrl-C, and never longer than its local cloud. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type CloudState, readRecordedCloud } from '../../cli/cloud-state.ts';
import { EXIT } from '../../cli/failure.ts';
import { processStart } from '../../setup/process-start.mjs';
import { startTraffic, type Traffic } from './client.ts';
import { type CloudFate, fateOf } from './cloud-fate.ts';
import type { TrafficReport } from './contract.ts';

/** A new cloud takes many seconds until its load balancer listens, at the same port or at another one. */
const POLL_MS = 500;
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export interface SentTraffic {
  readonly cloud: Pick<CloudState, 'pid' | 'startedAtMs' | 'caFile'>;
  /** The load balancer's. */
  readonly url: string;
  readonly users: number;
}

/**
 * @param progress gets the lines for people: the command has printed its result
 * @returns the exit code: a failure when the cloud was killed
 * @throws Error when not all users can log in
 */
export async function sendTraffic({ cloud, url, users }: SentTraffic, progress: (line: string) => void): Promise<number> {
  const { pid, caFile } = cloud;
  const interruption = new AbortController();
  const interrupt = () => interruption.abort();
  for (const signal of SIGNALS) process.once(signal, interrupt);
  const traffic = startTraffic({ url, caFile, users, endsWith: { pid, start: processStart(pid) ?? '' } });
  try {
    const seen = watch(cloud, traffic, interruption.signal);
    // While the cloud is up, users who cannot log in are an error; after its end they are a part of it.
    await Promise.race([seen, traffic.ready.then(() => progress(`${users} users are logged in; Ctrl-C ends the traffic`))]);
    const { fate, report } = await seen;
    const last = await traffic.stop().catch(() => report);
    progress(fate === 'up' ? figuresOf(last) : describeEnd(pid, fate, report));
    return fate === 'killed' ? EXIT.failed : 0;
  } finally {
    interrupt();
    for (const signal of SIGNALS) process.off(signal, interrupt);
  }
}

/** The fate of the cloud, and the latest report from before its end, which no request that this end broke is part of. */
interface Seen {
  readonly fate: CloudFate;
  readonly report: TrafficReport | undefined;
}

/** Watches until the cloud has ended, or `signal` aborts. */
async function watch(cloud: SentTraffic['cloud'], traffic: Traffic, signal: AbortSignal): Promise<Seen> {
  let report: TrafficReport | undefined;
  while (!signal.aborted) {
    const latest = await traffic.snapshot().catch(() => undefined);
    const fate = fateOf(cloud, await readRecordedCloud());
    if (fate !== 'up') return { fate, report };
    report = latest ?? report;
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
  return { fate: 'up', report };
}

const figuresOf = (report: TrafficReport | undefined): string =>
  report
    ? `${report.requests} requests, ${report.failed} failed, ${report.sessionsLost} of ${report.users} sessions lost`
    : 'no figures, as it ended before the first report';

/** One sentence. */
function describeEnd(pid: number, fate: 'stopped' | 'killed', report: TrafficReport | undefined): string {
  const end = fate === 'stopped' ? 'has stopped' : 'ended unexpectedly (its log is .holdfast/logs/daemon.log)';
  return `the local cloud (process ${pid}) ${end}, and the traffic with it: ${figuresOf(report)}`;
}
