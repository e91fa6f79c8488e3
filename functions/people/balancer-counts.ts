/** What users meet, by the load balancer's metrics: for fleets where neither a log nor the application counts it. Pure but for {@link lookAtBalancer}. */
import type { ReadResponses, ResponseMinute } from '../shared/aws/balancer-metrics.ts';

/** A whole minute of a target group. */
export interface Minute {
  readonly startMs: number;
  readonly requests: number;
  /** 3xx, which has the 304s in it: metrics count them together. */
  readonly redirects: number;
  /** 4xx: refusals and what does not exist. */
  readonly clientErrors: number;
  readonly serverErrors: number;
}

export interface BalancerRead {
  /** The hour before the new release's first registration, without minutes that had no request. */
  readonly before: readonly Minute[];
  /** Whole minutes since, as far as metrics are complete. */
  readonly after: readonly Minute[];
}

export interface BalancerVerdict {
  readonly kind: 'turnedAway' | 'broken';
  /** Requests more than the hour's share explains. */
  readonly hurt: number;
  /** Requests of the minutes that were judged. */
  readonly of: number;
  readonly shareBefore: number;
  readonly shareNow: number;
}

/** Servers that serve the new release, of all that serve. */
export interface Spread {
  readonly serversWithNew: number;
  readonly servers: number;
}

const MINUTE_MS = 60_000;
const MINUTES_BEFORE = 60;
/** Fewer minutes do not show how far shares scatter. */
const FEWEST_MINUTES = 20;
const FEWEST_REQUESTS = 20;
/** A share that is higher by less is left to the alarms. */
const HIGHER_BY = 0.05;
/** Standard deviations that are exceeded once in 100,000. */
const ONCE_IN_100000 = 4.265;
/** A crowd, as of a mail or a scanner, brings other requests than those of the hour: shares of more requests than this, times the busiest minute, show nothing. */
const CROWD = 1.25;
/** So many pages, of the requests that went wrong, are missing at least, compared with the quietest minute: who is turned away asks again. */
const MISSING_OF_HURT = 0.5;

const servedOf = ({ requests, redirects, clientErrors, serverErrors }: Minute): number =>
  requests - redirects - clientErrors - serverErrors;

/**
 * Sums do not show who was hurt. A release that hurts people takes pages away from those who go on asking; a scanner, a campaign or a mail adds
 * requests and takes none away. So pages have to be missing too, and a crowd shows nothing. A rise that servers with the release are too few
 * to cause, as of a store that fails over, is not the release's. What hurts fewer is left to the alarms.
 */
export function judgeBalancer(
  { before, after }: BalancerRead,
  { serversWithNew, servers }: Spread,
): BalancerVerdict | 'too few' | undefined {
  const now = sum(after);
  if (now.requests < FEWEST_REQUESTS || before.length < FEWEST_MINUTES || serversWithNew === 0) return 'too few';
  if (now.requests / after.length > CROWD * Math.max(...before.map(({ requests }) => requests))) return undefined;
  return (
    judge('broken', ({ serverErrors }) => serverErrors, { before, after, mostOf: serversWithNew / servers }) ??
    judge('turnedAway', ({ redirects, clientErrors }) => redirects + clientErrors, { before, after, mostOf: serversWithNew / servers })
  );
}

interface Judged extends BalancerRead {
  readonly mostOf: number;
}

function judge(
  kind: BalancerVerdict['kind'],
  countOf: (minute: Minute) => number,
  { before, after, mostOf }: Judged,
): BalancerVerdict | undefined {
  const [old, now] = [sum(before), sum(after)];
  const [shareBefore, shareNow] = [countOf(old) / old.requests, countOf(now) / now.requests];
  const shares = before.map((minute) => countOf(minute) / minute.requests);
  if (shareNow <= Math.max(...shares) || shareNow < shareBefore + HIGHER_BY) return undefined;
  // Who is turned away asks again at once, which can double the share of the new servers: above that all servers are concerned.
  if (shareNow - shareBefore > 2 * mostOf) return undefined;
  // One event more keeps the variance of a share of zero above zero.
  const expected = (countOf(old) + 1) / (old.requests + 1);
  const chance = (expected * (1 - expected)) / now.requests;
  const scatter = shares.reduce((total, share) => total + (share - shareBefore) ** 2, 0) / (shares.length - 1);
  if (shareNow - expected <= ONCE_IN_100000 * Math.sqrt(chance + scatter)) return undefined;
  const hurt = Math.round((shareNow - shareBefore) * now.requests);
  const quietest = Math.min(...before.map(servedOf));
  if (quietest * after.length - servedOf(now) < MISSING_OF_HURT * hurt) return undefined;
  return { kind, hurt, of: now.requests, shareBefore, shareNow };
}

const sum = (minutes: readonly Minute[]): Minute =>
  minutes.reduce(
    (total, { requests, redirects, clientErrors, serverErrors }) => ({
      startMs: total.startMs,
      requests: total.requests + requests,
      redirects: total.redirects + redirects,
      clientErrors: total.clientErrors + clientErrors,
      serverErrors: total.serverErrors + serverErrors,
    }),
    { startMs: minutes[0]?.startMs ?? 0, requests: 0, redirects: 0, clientErrors: 0, serverErrors: 0 },
  );

export interface BalancerTimes {
  /** When the deploy's first target was registered. */
  readonly registeredAtMs: number;
  readonly nowMs: number;
}

/** Metrics of a minute are complete this long after its end. */
const LATE_MS = MINUTE_MS;

/** Reads the hour before the registration, and the whole minutes after it. */
export async function lookAtBalancer(
  ports: { readonly responses: ReadResponses },
  { registeredAtMs, nowMs }: BalancerTimes,
): Promise<BalancerRead> {
  const beforeMs = Math.floor(registeredAtMs / MINUTE_MS) * MINUTE_MS;
  const afterMs = Math.ceil(registeredAtMs / MINUTE_MS) * MINUTE_MS;
  const untilMs = Math.floor((nowMs - LATE_MS) / MINUTE_MS) * MINUTE_MS;
  const minutes = await ports.responses(beforeMs - MINUTES_BEFORE * MINUTE_MS, Math.max(beforeMs, untilMs));
  const read = minutes.filter(({ requests }) => requests > 0).map(minuteOf);
  return {
    before: read.filter(({ startMs }) => startMs < beforeMs),
    after: read.filter(({ startMs }) => startMs >= afterMs && startMs < untilMs),
  };
}

const minuteOf = ({ minuteMs, requests, target3xx, target4xx, target5xx }: ResponseMinute): Minute => ({
  startMs: minuteMs,
  requests,
  redirects: target3xx,
  clientErrors: target4xx,
  serverErrors: target5xx,
});
