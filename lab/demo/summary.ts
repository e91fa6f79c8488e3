/** The summary of a deploy under traffic: its figures and their text. Pure. */
import type { DeployOutcome } from '../../cli/deploy/follow-deploy.ts';
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
    /** This many lost sessions still exist in an earlier state: asynchronous replication lost their latest writes in a failover. */
    readonly sessionsWentBack: number;
    /** While the deploy ran. */
    readonly p50Ms: number;
    readonly p99Ms: number;
    readonly p50MsBefore: number;
    readonly p99MsBefore: number;
  };
  /** The deploy waited as long as on AWS. */
  readonly realTime: boolean;
  readonly setupSeconds: number;
  readonly totalSeconds: number;
  /** Peak of the sum of the resident sets of all processes. */
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
    : `, ${sessionsWentBack} of them to asynchronous replication: a failover of the store set them back to an earlier state`;

export function renderSummary({ deploy, traffic, realTime, setupSeconds, totalSeconds, peakRssMb }: Summary): string {
  const ms = (value: number) => `${value.toFixed(1)} ms`;
  return `
deploy          ${deploy.from} → ${deploy.to}  ${deploy.status}${deploy.message ? `: ${deploy.message}` : ''}
servers         ${deploy.targets}, in ${deploy.seconds.toFixed(1)} s${realTime ? '' : ' (local times are shortened; --real-time uses those of AWS)'}
requests        ${traffic.requests}, failed ${traffic.failed}
sessions        ${traffic.sessions} of ${traffic.users} users, lost ${traffic.sessionsLost}${wentBack(traffic)}
latency before  p50 ${ms(traffic.p50MsBefore)}, p99 ${ms(traffic.p99MsBefore)}
latency during  p50 ${ms(traffic.p50Ms)}, p99 ${ms(traffic.p99Ms)}
set-up          ${setupSeconds.toFixed(1)} s of ${totalSeconds.toFixed(1)} s in total, peak memory ${Math.round(peakRssMb)} MB`;
}
