/** What the local Elastic Load Balancing needs, and what can be set. */
import type { CertificateAuthority, Log, MetricSink, Now, TargetResolver } from '../ports.ts';

export interface Elbv2Options {
  readonly now: Now;
  readonly region: string;
  readonly resolver: TargetResolver;
  readonly metrics: MetricSink;
  readonly certificates: CertificateAuthority;
  readonly log: Log;
  readonly settings?: Partial<Elbv2Settings>;
}

export interface Elbv2Settings {
  /**
   * How long the data plane goes on with the old state after a change of targets, rules or weights. On AWS users
   * measured 15–25 s. @default 0
   */
  readonly propagationLagMs: number;
  /** Length of one second of deregistration delay, idle, connection and stickiness time. Less makes time go faster. @default 1000 */
  readonly secondMs: number;
  /** Length of one second of health check interval and time-out. @default 1000 */
  readonly healthCheckSecondMs: number;
  /**
   * How long the load balancer does not yet know that a target has closed an idle connection: the way there and back
   * that a network has and one machine has not. A request sent meanwhile is a 502. @default 0
   */
  readonly closeNoticeMs: number;
  /** Between two reports of metrics. @default 60000, as on AWS */
  readonly metricPeriodMs: number;
  /** Address that listeners bind to. @default 127.0.0.1 */
  readonly host: string;
  /** Local port for a listener's port; undefined, or one that is taken, gives a free port. @default always a free port */
  readonly listenerPort: (port: number) => number | undefined;
  /** Numbers from 0 up to 1 for weighted choices. @default Math.random */
  readonly random: () => number;
}

/** Load balancer's limit for opening a connection to a target (user guide, load-balancer-troubleshooting: HTTP 504). */
export const CONNECT_TIMEOUT_SECONDS = 10;

export function completeSettings(settings: Partial<Elbv2Settings> = {}): Elbv2Settings {
  return {
    propagationLagMs: 0,
    secondMs: 1000,
    healthCheckSecondMs: 1000,
    closeNoticeMs: 0,
    metricPeriodMs: 60_000,
    host: '127.0.0.1',
    listenerPort: () => undefined,
    random: Math.random,
    ...settings,
  };
}
