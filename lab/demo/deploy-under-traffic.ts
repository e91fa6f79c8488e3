/** Live traffic, a rolling deploy under it, and what happened to the sessions. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { DeployCloud } from '../../cli/deploy/deploy.ts';
import { CommandFailure, EXIT } from '../../cli/failure.ts';
import { deployRelease } from './deploy-release.ts';
import { untilAborted } from './interruption.ts';
import { type Summary, summarize } from './summary.ts';
import { startTraffic, type Traffic } from './traffic/client.ts';
import { DEFAULTS, type TrafficOptions } from './traffic/contract.ts';
import { describeReport } from './traffic/describe-report.ts';
import { whyNotDriven } from './traffic/judge-traffic.ts';

export interface DeployUnderTraffic {
  readonly cloud: DeployCloud;
  readonly loadBalancerUrl: string;
  readonly caFile: string;
  readonly users: number;
  /** More of the traffic's options. @default none */
  readonly traffic?: Partial<TrafficOptions>;
  /** The recipe's file, for messages. */
  readonly recipeFile?: string | undefined;
  readonly from: string;
  readonly to: string;
  readonly log: (line: string) => void;
  /** Runs once the users are logged in, before the deploy starts. */
  readonly meanwhile?: (traffic: Traffic) => Promise<void>;
  /** Ends the traffic and rejects with its reason; a started deploy continues. */
  readonly signal?: AbortSignal;
}

/** Steady traffic before the deploy, to compare with. */
const BEFORE_MS = 2_500;
/** Traffic after the deploy: requests in flight when it ended, and each user's next one, after a mean think time of 750 ms. */
const AFTER_MS = 2_000;

/** @throws Error when the deploy cannot be started or the traffic cannot log in */
export async function deployUnderTraffic(options: DeployUnderTraffic): Promise<Pick<Summary, 'deploy' | 'traffic'>> {
  options.signal?.throwIfAborted();
  options.log(`logging in ${options.users} virtual users at ${options.loadBalancerUrl}`);
  const traffic = startTraffic({ url: options.loadBalancerUrl, caFile: options.caFile, users: options.users, ...options.traffic });
  const work = rollUnder(traffic, options);
  try {
    return await (options.signal ? untilAborted(work, options.signal) : work);
  } finally {
    await traffic.stop().catch(() => {});
  }
}

async function rollUnder(traffic: Traffic, options: DeployUnderTraffic): Promise<Pick<Summary, 'deploy' | 'traffic'>> {
  const { cloud, log, signal } = options;
  await traffic.ready.catch(async (cause) => {
    const report = await traffic.snapshot().catch(() => undefined);
    const why = report && whyNotDriven(report, options.recipeFile);
    throw why === undefined ? cause : new CommandFailure('NotDriven', why, EXIT.failed, { cause });
  });
  await sleep(BEFORE_MS, undefined, { signal });
  await options.meanwhile?.(traffic);
  signal?.throwIfAborted();
  traffic.mark('during');
  log(`deploying release ${options.to} under their traffic`);
  const ended = await deployRelease(cloud, options.to, log, signal);
  traffic.mark('after');
  await sleep(trafficAfterMs(options.traffic), undefined, { signal });
  const report = await traffic.stop();
  // The summary counts what failed; finding out why takes the kinds, the targets and the causes too.
  if (report.failed > 0 || report.sessionsLost > 0) log(describeReport(report));
  return summarize(ended, report, { from: options.from, to: options.to });
}

/** How long traffic goes on after a deploy: a long request that began in the deploy has time to end, too. */
export const trafficAfterMs = ({ longShare = 0, longMs = DEFAULTS.longMs }: Partial<TrafficOptions> = {}): number =>
  AFTER_MS + (longShare > 0 ? longMs : 0);

/** `npm start -- --once` exits 0 for this: the deploy succeeded, no request failed, no session was lost. */
export function isGreen({ deploy, traffic }: Pick<Summary, 'deploy' | 'traffic'>): boolean {
  return deploy.status === 'SUCCEEDED' && traffic.failed === 0 && traffic.sessionsLost === 0 && traffic.sessions === traffic.users;
}
