/** What the local Elastic Load Balancing needs, and what can be set. */
import type { CertificateAuthority, Log, MetricSink, Now, TargetResolver } from '../interfaces.ts';
import type { FailedRequest } from './data-plane/failed-requests.ts';
import type { RegexReading } from './data-plane/route-request.ts';

export interface Elbv2Options {
  readonly now: Now;
  readonly region: string;
  readonly resolver: TargetResolver;
  readonly metrics: MetricSink;
  readonly certificates: CertificateAuthority;
  readonly log: Log;
  /** Called for every failed request. */
  readonly onFailure?: (failed: FailedRequest) => void;
  readonly settings?: GivenSettings;
}

export interface Elbv2Settings {
  /**
   * How long the data plane keeps the old state after a change of targets, rules or weights. On AWS users
   * measured 15–25 s. Asked at each change, so that it can be another one next time. @default 0
   */
  readonly propagationLagMs: () => number;
  /** Length of one second of deregistration delay, idle, connection and stickiness time. Less makes time go faster. @default 1000 */
  readonly secondMs: number;
  /** Length of one second of health check interval and time-out. @default 1000 */
  readonly healthCheckSecondMs: number;
  /** Health checks of a target go on while it drains: AWS does not document that they stop. @default false */
  readonly checksWhileDraining: boolean;
  /**
   * How long the load balancer does not yet know that a target has closed an idle connection: the way there and back
   * that a network has and one machine has not. A request sent meanwhile is a 502. @default 0
   */
  readonly closeNoticeMs: number;
  /** Between two reports of metrics. @default 60000, as on AWS */
  readonly metricPeriodMs: number;
  /** Address that listeners bind to. @default 127.0.0.1 */
  readonly host: string;
  /** Local port for a listener's port; undefined, or a port in use, means a free port. @default always a free port */
  readonly listenerPort: (port: number) => number | undefined;
  /** How regular expressions of conditions are read. @default found anywhere in the value, in any case where values ignore case */
  readonly regexReading: RegexReading;
  /** Numbers from 0 up to 1 for weighted choices. @default Math.random */
  readonly random: () => number;
}

/** Settings as callers give them: the propagation lag can also be a fixed number. */
export type GivenSettings = Partial<Omit<Elbv2Settings, 'propagationLagMs'>> & { readonly propagationLagMs?: number | (() => number) };

/** Load balancer's limit for opening a connection to a target (user guide, load-balancer-troubleshooting: HTTP 504). */
export const CONNECT_TIMEOUT_SECONDS = 10;

export function completeSettings({ propagationLagMs = 0, ...settings }: GivenSettings = {}): Elbv2Settings {
  return {
    propagationLagMs: typeof propagationLagMs === 'number' ? () => propagationLagMs : propagationLagMs,
    secondMs: 1000,
    healthCheckSecondMs: 1000,
    checksWhileDraining: false,
    closeNoticeMs: 0,
    metricPeriodMs: 60_000,
    host: '127.0.0.1',
    listenerPort: () => undefined,
    regexReading: {},
    random: Math.random,
    ...settings,
  };
}
