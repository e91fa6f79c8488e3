/** The summary of a deploy under traffic: the figures, and how they are said. Pure. */
import type { DeployOutcome } from '../cli/follow-deploy.ts';
import type { TrafficReport } from './traffic/contract.ts';

export interface Summary {
  readonly deploy: {
    readonly status: string;
    readonly executionArn: string;
    readonly from: string;
    readonly to: string;
    readonly targets: number;
    readonly seconds: number;
    readonly error?: string;
    readonly message?: string;
  };
  readonly traffic: {
    readonly users: number;
    readonly requests: number;
    readonly failed: number;
    readonly sessions: number;
    readonly sessionsLost: number;
    /** Of those, the ones that are there and went back to an earlier state: what asynchronous replication loses in a failover. */
    readonly sessionsWentBack: number;
    /** While the deploy ran. */
    readonly p50Ms: number;
    readonly p99Ms: number;
    readonly p50MsBefore: number;
    readonly p99MsBefore: number;
  };
  readonly setupSeconds: number;
  readonly totalSeconds: number;
  /** Sum of the resident sets of all processes, at its highest. */
  readonly peakRssMb: number;
}

export function summarize(
  { plan, ...ended }: DeployOutcome,
  report: TrafficReport,
  versions: { readonly from: string; readonly to: string },
): Pick<Summary, 'deploy' | 'traffic'> {
  const { before, during } = report.phases;
  return {
    deploy: {
      status: ended.status,
      executionArn: ended.executionArn,
      from: plan?.from ?? versions.from,
      to: versions.to,
      targets: plan?.targets ?? 0,
      seconds: ended.seconds,
      ...(ended.error && { error: ended.error }),
      ...(ended.message && { message: ended.message }),
    },
    traffic: {
      users: report.users,
      requests: report.requests,
      failed: report.failed,
      sessions: report.sessions,
      sessionsLost: report.sessionsLost,
      sessionsWentBack: Math.min(report.losses.countWentBack?.count ?? 0, report.sessionsLost),
      p50Ms: during.p50Ms,
      p99Ms: during.p99Ms,
      p50MsBefore: before.p50Ms,
      p99MsBefore: before.p99Ms,
    },
  };
}

const wentBack = ({ sessionsWentBack }: Summary['traffic']): string =>
  sessionsWentBack === 0
    ? ''
    : `, ${sessionsWentBack} of them to asynchronous replication: set back to an earlier state by a failover of the store`;

export function renderSummary({ deploy, traffic, setupSeconds, totalSeconds, peakRssMb }: Summary): string {
  const ms = (value: number) => `${value.toFixed(1)} ms`;
  return `
deploy          ${deploy.from} → ${deploy.to}  ${deploy.status}${deploy.message ? `: ${deploy.message}` : ''}
targets         ${deploy.targets}, in ${deploy.seconds.toFixed(1)} s
requests        ${traffic.requests}, failed ${traffic.failed}
sessions        ${traffic.sessions} of ${traffic.users} users, lost ${traffic.sessionsLost}${wentBack(traffic)}
latency before  p50 ${ms(traffic.p50MsBefore)}, p99 ${ms(traffic.p99MsBefore)}
latency during  p50 ${ms(traffic.p50Ms)}, p99 ${ms(traffic.p99Ms)}
set-up          ${setupSeconds.toFixed(1)} s of ${totalSeconds.toFixed(1)} s in all, peak memory ${Math.round(peakRssMb)} MB`;
}
