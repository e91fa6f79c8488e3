import { counted } from '../../../functions/shared/texts.ts';
import { type Incidence, TRAFFIC_PHASES, type TrafficReport } from './contract.ts';

/** The report as lines of text. */
export function describeReport(report: TrafficReport): string {
  const lines = [
    `${counted(report.users, 'user')}, ${counted(report.requests, 'request')} in ${(report.elapsedMs / 1000).toFixed(1)} s: ${report.failed} failed, ${counted(report.sessionsLost, 'session')} lost`,
  ];
  for (const name of TRAFFIC_PHASES) {
    const { requests, failed, sessionsLost, p50Ms, p99Ms } = report.phases[name];
    if (requests > 0)
      lines.push(`  ${name}: ${counted(requests, 'request')}, ${failed} failed, ${sessionsLost} lost, p50 ${p50Ms} ms, p99 ${p99Ms} ms`);
  }
  for (const [name, incidence] of [...Object.entries(report.failures), ...Object.entries(report.losses)])
    lines.push(`  ${name}: ${describe(incidence)}`);
  for (const { failure, cause, target, server, version, count } of report.failedBy)
    lines.push(`  failed: ${count}, ${[failure, cause, target ?? server, version].filter((part) => part !== undefined).join(', ')}`);
  if (report.hard) {
    const { long, download, webSockets } = report.hard;
    lines.push(`  long requests: ${long.requests}, ${long.failed} failed; downloads: ${download.requests}, ${download.failed} failed`);
    lines.push(
      `  WebSockets: ${webSockets.opened} opened, ${webSockets.closed} closed, ${webSockets.cutOff} cut off, ${webSockets.refused} refused`,
    );
  }
  for (const [name, count] of Object.entries(report.perVersion)) lines.push(`  version ${name}: ${counted(count, 'answer')}`);
  return lines.join('\n');
}

function describe({ count, examples }: Incidence): string {
  const first = examples[0];
  return `${count}, the first ${[first?.path, first?.status, first?.detail, first?.server].filter((part) => part !== undefined).join(', ')}`;
}
