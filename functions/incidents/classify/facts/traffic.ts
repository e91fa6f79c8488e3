/** What users get, by the load balancer's metrics. Pure. */
import { roundTo } from '../../../shared/arithmetic.ts';
import { type Evidence, factsOf, type TrafficShares } from '../../contract/evidence.ts';
import { harmlessShare } from '../../trouble/responses.ts';
import { judgeSource, no, open, yes } from '../judged.ts';

const FEWEST_REQUESTS = 50;

/**
 * Redirects and refusals, in percent of the responses, without 304 (not modified): the load balancer counts both as one, and a browser
 * with the page in its cache is no user who was sent to the login.
 */
export const turnedAwayPercent = (evidence: Evidence, { redirectPercent, clientErrorPercent }: TrafficShares): number =>
  roundTo(redirectPercent * (1 - harmlessShare(factsOf(evidence, 'servers')?.servers ?? [], ['304'])) + clientErrorPercent, 1);

const MORE_FACTOR = 1.5;

export const moreRequests = judgeSource('traffic', ({ now, before }) => {
  if (before === null || before.requests < FEWEST_REQUESTS || !now.minutes || !before.minutes)
    return open('traffic', "load balancer's metrics: requests a minute, now and before the first sign");
  const [rate, usual] = [now.requests / now.minutes, before.requests / before.minutes];
  const text = `${Math.round(rate)} requests a minute, ${Math.round(usual)} before`;
  return rate >= usual * MORE_FACTOR ? yes('traffic', text) : no('traffic', text);
});
