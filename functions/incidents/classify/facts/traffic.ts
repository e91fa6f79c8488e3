/** What users get, by the load balancer's metrics and the number of sessions. Pure. */
import type { Evidence, TrafficShares } from '../../contract/evidence.ts';
import { type Judged, judgeSource, no, open, yes } from '../judged.ts';

/** Redirects to the login page and refusals rose by so many percentage points, and by half. */
const RISE_POINTS = 5;
const RISE_FACTOR = 1.5;
const FEWEST_REQUESTS = 50;
/** Of sessions, against the median of the window. */
const DROP_PERCENT = 20;
const DROP_POINTS = 10;

const turnedAway = ({ redirectPercent, clientErrorPercent }: TrafficShares) => redirectPercent + clientErrorPercent;
const percent = (share: number) => `${Math.round(share * 10) / 10} %`;

/** More requests than before were redirected or refused. */
export const trafficTurnedAway = (evidence: Evidence): Judged =>
  judgeSource(evidence, 'traffic', ({ now, before }) => {
    if (before === null || before.requests < FEWEST_REQUESTS || now.requests < FEWEST_REQUESTS)
      return open('traffic', "load balancer's metrics: too few requests, now or before, to compare them");
    const [share, usual] = [turnedAway(now), turnedAway(before)];
    const text = `${percent(share)} of requests were redirected or refused, ${percent(usual)} before`;
    return share >= usual + RISE_POINTS && share >= usual * RISE_FACTOR ? yes('traffic', text) : no('traffic', text);
  });

/** Sessions or hits fell below what the last hours had. */
export const sessionsDropped = (evidence: Evidence): Judged =>
  judgeSource(evidence, 'readings', ({ reading }) => {
    if (!reading || (reading.sessionDropPercent === null && reading.hitRateDropPoints === null))
      return open('readings', "collector's readings: too few to compare sessions with");
    const [drop, points] = [reading.sessionDropPercent, reading.hitRateDropPoints];
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
