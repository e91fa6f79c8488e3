/** Carries out a forward action: chooses the group and the target, binds the client to them, and hands the request to the proxy. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Now, TargetResolver } from '../../interfaces.ts';
import { numberOf } from '../attributes.ts';
import { CONNECT_TIMEOUT_SECONDS, type Elbv2Settings } from '../options.ts';
import { type ForwardAction, type LoadBalancer, type Target, type TargetGroup, targetKey } from '../resources.ts';
import { type Algorithm, chooseGroup, chooseTarget, crossesZones, eligibleTargets, targetsOfNode } from './choose-target.ts';
import { replyError } from './direct-reply.ts';
import { type FailedRequest, rootOf } from './failed-requests.ts';
import { type Arrival, requestHeaders } from './forwarded-headers.ts';
import { countError, type Meter } from './meter.ts';
import { type ClientSide, proxyRequest } from './proxy-request.ts';
import { boundTo, type Stickiness, stickinessOf } from './stickiness.ts';
import { type Binding, type CookieSeal, readCookie, setCookies } from './sticky-cookies.ts';
import type { TargetConnections } from './target-connections.ts';

export interface Forwarding {
  readonly now: Now;
  readonly settings: Elbv2Settings;
  readonly resolver: TargetResolver;
  readonly meter: Meter;
  readonly connections: TargetConnections;
  readonly seal: CookieSeal;
  readonly targetGroup: (arn: string) => TargetGroup | undefined;
  /** Counts up by one a request of a group. */
  readonly turnOf: (groupArn: string) => number;
  readonly onFailure: (failed: FailedRequest) => void;
}

export function forwardRequest(
  plane: Forwarding,
  client: ClientSide,
  arrival: Arrival,
  action: ForwardAction,
  loadBalancer: LoadBalancer,
): void {
  const { settings, meter } = plane;
  const nowMs = plane.now();
  const cookie = client.req.headers.cookie;
  const noteFailure = (what: Pick<FailedRequest, 'cause' | 'elbStatusCode' | 'targetStatusCode' | 'targetId'>): void =>
    plane.onFailure({
      atMs: plane.now(),
      loadBalancer: loadBalancer.name,
      method: client.req.method ?? 'GET',
      path: (client.req.url ?? '/').replace(/\?.*$/s, ''),
      traceId: rootOf(client.req.headers['x-amzn-trace-id']),
      ...what,
    });
  const refuse = (status: number, cause: FailedRequest['cause'] = 'noTarget', targetId?: string): void => {
    countError(meter, loadBalancer, status);
    noteFailure({ cause, elbStatusCode: status, targetId });
    replyError(client.res, status);
  };

  const groupArn = chooseGroupFor(plane, action, cookie, nowMs);
  const group = groupArn === undefined ? undefined : plane.targetGroup(groupArn);
  if (group === undefined) {
    refuse(503);
    return;
  }
  const eligible = eligibleOf(plane, group, nowMs);
  const bond: Bond = { group, sticky: stickinessOf(group, action), cookie };
  const bound = boundTarget(plane, bond, eligible, nowMs);
  const target = bound ?? chooseByAlgorithm(plane, group, eligible);
  if (target === undefined) {
    refuse(503);
    return;
  }

  meter.count('RequestCount', loadBalancer.fullName, group.fullName);
  const address = plane.resolver.resolve(target.id, target.port);
  if (address === undefined) {
    meter.count('TargetConnectionErrorCount', loadBalancer.fullName, group.fullName);
    refuse(502, 'targetClosed', target.id);
    return;
  }
  const idleMs = numberOf(loadBalancer.attributes, 'idle_timeout.timeout_seconds') * settings.secondMs;
  const connection = plane.connections.of(group, target, idleMs);
  if (connection.takeUnnoticed()) {
    refuse(502, 'targetClosed', target.id);
    return;
  }
  let targetStatusCode: number | undefined;
  proxyRequest(client, {
    ...address,
    connection,
    tls: group.protocol === 'HTTPS',
    headers: requestHeaders(client.req, arrival, nowMs, client.upgrade !== undefined),
    idleMs,
    connectMs: CONNECT_TIMEOUT_SECONDS * settings.secondMs,
    cookies: (answer) => cookiesFor(plane, action, { ...bond, target, isBound: bound !== undefined }, answer),
    observe: {
      targetAnswered(status, elapsedMs) {
        // CloudWatch has no class for 101.
        if (status >= 200) meter.count(`HTTPCode_Target_${Math.floor(status / 100)}XX_Count`, loadBalancer.fullName, group.fullName);
        meter.responseTime(elapsedMs / 1000, loadBalancer.fullName, group.fullName);
        targetStatusCode = status;
        if (status >= 500) noteFailure({ cause: 'targetAnswered', elbStatusCode: status, targetStatusCode, targetId: target.id });
      },
      failed(cause, elbStatusCode) {
        if (elbStatusCode !== undefined) countError(meter, loadBalancer, elbStatusCode);
        else if (cause === 'clientClosed' && targetStatusCode === undefined) countError(meter, loadBalancer, 460);
        noteFailure({ cause, elbStatusCode, targetStatusCode, targetId: target.id });
      },
      connectionFailed: () => meter.count('TargetConnectionErrorCount', loadBalancer.fullName, group.fullName),
    },
  });
}

function eligibleOf({ resolver, settings }: Forwarding, group: TargetGroup, nowMs: number): readonly Target[] {
  const eligible = eligibleTargets(group.targets.values(), nowMs);
  if (crossesZones(group)) return eligible;
  return targetsOfNode(eligible, ({ id, availabilityZone }) => availabilityZone ?? resolver.zoneOf?.(id), settings.random());
}

/** The group that AWSALBTG names, whatever its weight is now; else one by weight. */
function chooseGroupFor(plane: Forwarding, action: ForwardAction, cookie: string | undefined, nowMs: number): string | undefined {
  const [only] = action.groups;
  if (action.groups.length === 1 && action.stickySeconds === undefined) return only?.arn;
  if (action.stickySeconds !== undefined) {
    const binding = openEither(plane.seal, 'AWSALBTG', cookie, nowMs);
    if (binding !== undefined && action.groups.some((group) => group.arn === binding.groupArn)) return binding.groupArn;
  }
  return chooseGroup(action.groups, plane.settings.random());
}

/** What can bind a client to a target. */
interface Bond {
  readonly group: TargetGroup;
  readonly sticky: Stickiness | undefined;
  /** The request's cookies. */
  readonly cookie: string | undefined;
}

function boundTarget(plane: Forwarding, bond: Bond, eligible: readonly Target[], nowMs: number): Target | undefined {
  const { group, sticky, cookie } = bond;
  if (sticky === undefined || cookie === undefined) return undefined;
  let binding: Binding | undefined;
  if (sticky.type === 'lb_cookie') binding = openEither(plane.seal, 'AWSALB', cookie, nowMs);
  // The load balancer's cookie counts only together with the application's own.
  else if (readCookie(cookie, sticky.cookieName) !== undefined) {
    binding = plane.seal.open('AWSALBAPP', readCookie(cookie, 'AWSALBAPP-0'), nowMs);
  }
  return boundTo(group, eligible, binding);
}

function chooseByAlgorithm(plane: Forwarding, group: TargetGroup, eligible: readonly Target[]): Target | undefined {
  return chooseTarget(eligible, {
    algorithm: (group.attributes.get('load_balancing.algorithm.type') ?? 'round_robin') as Algorithm,
    turn: plane.turnOf(group.arn),
    chance: plane.settings.random(),
    outstanding: plane.connections.outstanding,
  });
}

function cookiesFor(
  plane: Forwarding,
  action: ForwardAction,
  { group, sticky, cookie, target, isBound }: Bond & { readonly target: Target; readonly isBound: boolean },
  answer: IncomingHttpHeaders,
): readonly string[] {
  const cookies: string[] = [];
  const bind = (kind: Binding['kind'], name: string, to: string, seconds: number, cors: boolean): void => {
    // Up to the next tenth of a second, so that many responses share one encrypted cookie.
    const expiresAtMs = Math.ceil((plane.now() + seconds * plane.settings.secondMs) / 100) * 100;
    cookies.push(...setCookies(name, plane.seal.seal({ kind, groupArn: group.arn, target: to, expiresAtMs }), expiresAtMs, cors));
  };
  const key = targetKey(target.id, target.port);
  if (action.stickySeconds !== undefined) bind('AWSALBTG', 'AWSALBTG', '', action.stickySeconds, true);
  if (sticky?.type === 'lb_cookie') bind('AWSALB', 'AWSALB', key, sticky.seconds, true);
  if (sticky?.type === 'app_cookie') {
    const set = answer['set-cookie']?.some((text) => text.startsWith(`${sticky.cookieName}=`)) === true;
    const moved = !isBound && readCookie(cookie, 'AWSALBAPP-0') !== undefined && readCookie(cookie, sticky.cookieName) !== undefined;
    if (set || isBound || moved) bind('AWSALBAPP', 'AWSALBAPP-0', key, sticky.seconds, false);
  }
  return cookies;
}

/** The cookie, or its twin for cross-origin requests. */
function openEither(seal: CookieSeal, kind: 'AWSALB' | 'AWSALBTG', cookie: string | undefined, nowMs: number): Binding | undefined {
  return seal.open(kind, readCookie(cookie, kind), nowMs) ?? seal.open(kind, readCookie(cookie, `${kind}CORS`), nowMs);
}
