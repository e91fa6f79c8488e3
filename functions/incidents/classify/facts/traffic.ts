/** What users get, by the load balancer's metrics and the number of sessions. Pure. */
import { roundTo, sumOf } from '../../../shared/arithmetic.ts';
import { type Evidence, factsOf, type TrafficShares } from '../../contract/evidence.ts';
import { harmlessShare } from '../../trouble/responses.ts';
import { type Judged, judgeSource, no, open, yes } from '../judged.ts';
import { judgeReading } from './latest-reading.ts';

/** Redirects to the login page and refusals rose by so many percentage points, and by half. */
const RISE_POINTS = 5;
const RISE_FACTOR = 1.5;
const FEWEST_REQUESTS = 50;
/** How far the number of sessions falls below the median of the window, in percent, before it counts as a drop. */
const DROP_PERCENT = 20;
const DROP_POINTS = 10;

const percent = (share: number) => `${roundTo(share, 1)} %`;

/**
 * Share of 304 (not modified) in the servers' own 3xx: the load balancer counts both as one, and a browser with the page in its cache is
 * no user who was sent to the login.
 */
const notModifiedShare = (evidence: Evidence): number => harmlessShare(factsOf(evidence, 'servers')?.servers ?? [], ['304']);

/**
 * The most redirects that are none of 304 there can have been, in percent of the responses: all of the servers' whole hour, where each
 * server answered as many as the one with the most of them.
 */
function mostRedirectedPercent(evidence: Evidence, { requests }: TrafficShares): number {
  const servers = factsOf(evidence, 'servers')?.servers ?? [];
  if (servers.some(({ access }) => access === undefined || access.partial)) return 100;
  const redirected = servers.map(({ access }) =>
    sumOf(Object.entries(access?.statuses ?? {}), ([status, count]) => (/^3(?!04)\d\d$/.test(status) ? count : 0)),
  );
  return (Math.max(0, ...redirected) * servers.length * 100) / requests;
}

/** Redirects and refusals, in percent of the responses. */
export const turnedAwayPercent = (evidence: Evidence, { redirectPercent, clientErrorPercent }: TrafficShares): number =>
  roundTo(redirectPercent * (1 - notModifiedShare(evidence)) + clientErrorPercent, 1);

const isRise = (share: number, usual: number): boolean => share >= usual + RISE_POINTS && share >= usual * RISE_FACTOR;

/**
 * More requests than before were redirected or refused. The servers' 304 are those of a whole hour: what rises without them taken out is
 * no rise only where all other redirects of that hour are too few for one.
 */
export const trafficTurnedAway = (evidence: Evidence): Judged =>
  judgeSource(evidence, 'traffic', ({ now, before }) => {
    if (before === null || before.requests < FEWEST_REQUESTS || now.requests < FEWEST_REQUESTS)
      return open('traffic', "load balancer's metrics: too few requests, now or before, to compare them");
    const [share, usual] = [turnedAwayPercent(evidence, now), turnedAwayPercent(evidence, before)];
    const cached = Math.round(notModifiedShare(evidence) * 100);
    const text = `${percent(share)} of requests were redirected or refused, ${percent(usual)} before${cached > 0 ? ` (without 304, ${cached} % of the servers' 3xx)` : ''}`;
    if (isRise(share, usual)) return yes('traffic', text);
    const uncorrected = ({ redirectPercent, clientErrorPercent }: TrafficShares) => redirectPercent + clientErrorPercent;
    const most = Math.min(now.redirectPercent, mostRedirectedPercent(evidence, now)) + now.clientErrorPercent;
    return isRise(uncorrected(now), uncorrected(before)) && isRise(most, usual)
      ? { ...open('traffic', `${text}: how many of the 3xx since the first sign were 304 is not known`), ambiguous: true }
      : no('traffic', text);
  });

/** Sessions or hits fell below what the last hours had. */
export const sessionsDropped = (evidence: Evidence): Judged =>
  judgeReading(evidence, 'how many sessions there are now', ({ sessionDropPercent: drop, hitRateDropPoints: points }) => {
    if (drop === null && points === null) return open('readings', "collector's readings: too few to compare sessions with");
    const text = `sessions are ${Math.round(drop ?? 0)} % and hits ${Math.round(points ?? 0)} points below their median`;
    if ((drop ?? 0) >= DROP_PERCENT || (points ?? 0) >= DROP_POINTS) return yes('readings', text);
    return drop === null || points === null ? open('readings', "collector's readings: not all to compare with") : no('readings', text);
  });

const MORE_FACTOR = 1.5;

export const moreRequests = (evidence: Evidence): Judged =>
  judgeSource(evidence, 'traffic', ({ now, before }) => {
    if (before === null || before.requests < FEWEST_REQUESTS || !now.minutes || !before.minutes)
      return open('traffic', "load balancer's metrics: requests a minute, now and before the first sign");
    const [rate, usual] = [now.requests / now.minutes, before.requests / before.minutes];
    const text = `${Math.round(rate)} requests a minute, ${Math.round(usual)} before`;
    return rate >= usual * MORE_FACTOR ? yes('traffic', text) : no('traffic', text);
  });
