/** A user's request through the load balancer: chooses the target as the local data plane does, and counts what it counts. */
import { numberOf } from '#local-aws/elbv2/attributes.ts';
import { type Algorithm, chooseTarget, eligibleTargets } from '#local-aws/elbv2/data-plane/choose-target.ts';
import type { FailureCause } from '#local-aws/elbv2/data-plane/failed-requests.ts';
import { countError, type Meter } from '#local-aws/elbv2/data-plane/meter.ts';
import { boundTo, stickinessOf } from '#local-aws/elbv2/data-plane/stickiness.ts';
import type { Binding } from '#local-aws/elbv2/data-plane/sticky-cookies.ts';
import { type Target, type TargetGroup, targetKey } from '#local-aws/elbv2/resources.ts';
import type { Kernel, Scheduled } from '../kernel/kernel.ts';
import { instanceOf } from './addresses.ts';
import type { RequestEnd, Servers } from './contracts.ts';
import type { Pins } from './load-balancer-pins.ts';
import type { LoadBalancerResources } from './load-balancer-resources.ts';
import { FLEETS_PLACE } from './traffic/places.ts';

export interface ClientRequest {
  readonly sessionId: string;
  /** How long the application works on it. */
  readonly durationMs: number;
  /** What the cookie AWSALB of the last answer holds. */
  readonly cookie: Binding | undefined;
  /** The application's own cookies. */
  readonly ownCookies?: string;
  readonly logsOut?: boolean;
  readonly turnedAway?: boolean;
  readonly answered: (answer: Answer) => void;
}

export interface Answer {
  readonly status: number;
  /** The target that the request was sent to; absent when there was none. */
  readonly instanceId?: string;
  /** The release that answered; absent when the load balancer itself did. */
  readonly version?: string;
  /** How many requests the session has counted. */
  readonly counter?: number;
  readonly cookie?: Binding;
  /** Why the load balancer answered instead of the target. */
  readonly cause?: FailureCause;
}

export interface Requests {
  send(request: ClientRequest): void;
  /** Ends what is in flight on a target: 502. */
  cut(target: Target): void;
  outstanding(target: Target): number;
}

interface Flight {
  end(answer: Pick<Answer, 'status' | 'cause'>): void;
}

/** @param aheadMs how much earlier than the last node each node of the load balancer learns of a deregistration; one entry is 0 */
export function createRequests(
  kernel: Kernel,
  { group, loadBalancer, forward }: LoadBalancerResources,
  {
    servers,
    meter,
    aheadMs,
    pins,
  }: { readonly servers: Servers; readonly meter: Meter; readonly aheadMs: readonly number[]; readonly pins?: Pins },
): Requests {
  const random = kernel.random('requests');
  const flights = new Map<Target, Set<Flight>>();
  const idleMs = numberOf(loadBalancer.attributes, 'idle_timeout.timeout_seconds') * 1000;
  const sticky = stickinessOf(group, forward);
  if (sticky?.type === 'app_cookie') throw new Error('the simulated load balancer has no application-based stickiness');
  const algorithm = (group.attributes.get('load_balancing.algorithm.type') ?? 'round_robin') as Algorithm;
  const outstanding = (target: Target): number => flights.get(target)?.size ?? 0;
  let turn = 0;

  const chooseFor = (
    cookie: Binding | undefined,
    ownCookies: string,
  ): { readonly target: Target | undefined; readonly to: TargetGroup } => {
    const nowMs = kernel.now();
    // Nodes learn of a change one after the other: to one that already has, the lag is over earlier.
    const ahead = random.pick(aheadMs);
    if (pins?.takes({ ...FLEETS_PLACE, cookies: ownCookies }, ahead)) {
      const eligible = eligibleTargets(pins.group.targets.values(), nowMs + ahead);
      return { target: chooseTarget(eligible, { algorithm, turn: turn++, chance: random.fraction(), outstanding }), to: pins.group };
    }
    const eligible = eligibleTargets(group.targets.values(), nowMs + ahead);
    const valid = sticky !== undefined && cookie !== undefined && nowMs < cookie.expiresAtMs ? cookie : undefined;
    const target =
      boundTo(group, eligible, valid) ?? chooseTarget(eligible, { algorithm, turn: turn++, chance: random.fraction(), outstanding });
    return { target, to: group };
  };
  const cookieFor = (target: Target, to: TargetGroup): { readonly cookie?: Binding } =>
    sticky === undefined || to !== group
      ? {}
      : {
          cookie: {
            kind: 'AWSALB',
            groupArn: group.arn,
            target: targetKey(target.id, target.port),
            expiresAtMs: kernel.now() + sticky.seconds * 1000,
          },
        };

  const send = ({ sessionId, durationMs, cookie, ownCookies = '', logsOut, turnedAway, answered }: ClientRequest): void => {
    const { target, to } = chooseFor(cookie, ownCookies);
    if (target === undefined) {
      countError(meter, loadBalancer, 503);
      answered({ status: 503, cause: 'noTarget' });
      return;
    }
    meter.count('RequestCount', loadBalancer.fullName, to.fullName);
    const instanceId = instanceOf(target.id);
    const startedMs = kernel.now();
    const flight: Flight = {
      end({ status, cause }) {
        if (!leave()) return;
        countError(meter, loadBalancer, status);
        answered({ status, instanceId, ...(cause !== undefined && { cause }) });
      },
    };
    let idle: Scheduled | undefined;
    const leave = (): boolean => {
      idle?.cancel();
      return flights.get(target)?.delete(flight) ?? false;
    };
    const ended = (end: RequestEnd): void => {
      if (end.kind === 'silent' && idle !== undefined) return; // The idle time-out ends it, in its time.
      if (end.kind === 'silent') flight.end({ status: 504, cause: 'targetTimedOut' });
      if (end.kind === 'broken') {
        // Refused at once: there was no connection.
        if (kernel.now() === startedMs) meter.count('TargetConnectionErrorCount', loadBalancer.fullName, to.fullName);
        flight.end({ status: 502, cause: 'targetClosed' });
      }
      if (end.kind !== 'answered' || !leave()) return;
      const { status, version, counter } = end;
      meter.count(`HTTPCode_Target_${Math.floor(status / 100)}XX_Count`, loadBalancer.fullName, to.fullName);
      meter.responseTime((kernel.now() - startedMs) / 1000, loadBalancer.fullName, to.fullName);
      answered({ status, instanceId, version, ...(counter !== undefined && { counter }), ...cookieFor(target, to) });
    };
    flightsOf(target).add(flight);
    if (!servers.isRunning(instanceId)) {
      ended({ kind: 'broken' });
      return;
    }
    idle = kernel.after(idleMs, () => flight.end({ status: 504, cause: 'targetTimedOut' }));
    servers.serve(instanceId, { sessionId, durationMs, ended, ...(logsOut && { logsOut }), ...(turnedAway && { turnedAway }) });
  };
  const flightsOf = (target: Target): Set<Flight> => {
    const inFlight = flights.get(target) ?? new Set();
    flights.set(target, inFlight);
    return inFlight;
  };

  return {
    send,
    outstanding,
    cut(target) {
      for (const flight of [...(flights.get(target) ?? [])]) flight.end({ status: 502, cause: 'deregistered' });
      flights.delete(target);
    },
  };
}
