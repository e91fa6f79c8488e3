/** What users meet, by the load balancer's metrics, where no access log shows it. Pure but for {@link lookAtBalancer}. */
import { sumOf } from '../shared/arithmetic.ts';
import type { ReadResponses, ResponseMinute } from '../shared/aws/balancer-metrics.ts';
import type { PeopleKind } from './contract.ts';
import { BY_CHANCE, chanceOf, FEWEST, LEAST_RISE, type PeopleVerdict, type Share } from './judge-people.ts';

type Minute = Pick<ResponseMinute, 'minuteMs' | 'requests' | 'target3xx' | 'target4xx' | 'target5xx'>;

export interface BalancerRead {
  /** The hour before the new release's first registration, without minutes that had no request. */
  readonly before: readonly Minute[];
  /** Whole minutes since, as far as metrics are complete. */
  readonly after: readonly Minute[];
}

/** When servers had a release, in milliseconds since the epoch. */
export type Served = { readonly fromMs: number; readonly toMs: number | undefined };

const MINUTE_MS = 60_000;
const MINUTES_BEFORE = 60;
/** Of a fleet that has just begun to serve. Fewer than an hour's third do not show how far shares scatter: then nearly all has to be missing. */
const FEWEST_MINUTES = 5;
const SCATTER = { minutes: 20, least: 0.8 } as const;
/** A crowd, as of a mail or a scanner, brings other requests: those of more than this, times the busiest minute, show nothing. */
const CROWD = 1.25;
/** 3xx have 304s in them, and 4xx what does not exist: so many pages are missing at least, compared with the quietest minute. */
const HURT: readonly (readonly [PeopleKind, (minute: Minute) => number, number])[] = [
  ['serverErrors', ({ target5xx }) => target5xx, 1 / 3],
  ['refused', ({ target4xx }) => target4xx, 1 / 3],
  ['turnedAway', ({ target3xx }) => target3xx, 1 / 2],
];
const servedOf = ({ requests, target3xx, target4xx, target5xx }: Minute): number => requests - target3xx - target4xx - target5xx;

/**
 * Sums do not show who was hurt. A release that hurts people takes pages away from those who go on asking; a scanner, a campaign or a mail adds
 * requests and takes none away. So pages have to be missing too, and a crowd shows nothing. More errors than the
 * servers with the release can answer, twice since who gets one asks again, are those of a store that fails over. Who has lost a cookie is
 * turned away everywhere. What hurts fewer is left to the alarms.
 * @param share of the servers, how many have the release
 */
export function judgeBalancer({ before, after }: BalancerRead, share: number): PeopleVerdict {
  const requests = sumOf(after, (minute) => minute.requests);
  if (requests < FEWEST.requests || before.length < FEWEST_MINUTES) return { verdict: 'tooFew' };
  const most = (of: (minute: Minute) => number) => Math.max(...before.map(of));
  const missing = after.length * Math.min(...before.map(servedOf)) - sumOf(after, servedOf);
  const isCrowd = requests > CROWD * after.length * most((minute) => minute.requests);
  const usual = (after.length * sumOf(before, (minute) => minute.requests)) / before.length;
  for (const [kind, hurtOf, least] of HURT) {
    const [now, old] = [shareOf(after, hurtOf), shareOf(before, hurtOf)];
    const rise = now.hurt / now.of - old.hurt / old.of;
    const highest = most((minute) => hurtOf(minute) / minute.requests);
    // Fewer requests make what goes on all the same, as of monitors, a larger share. A browser in a loop of redirects asks as a crowd does.
    if (now.hurt <= after.length * most(hurtOf) || (isCrowd && kind !== 'turnedAway')) continue;
    if (rise < LEAST_RISE || rise <= highest - old.hurt / old.of || (kind === 'serverErrors' && rise > 2 * share)) continue;
    if (
      chanceOf(now, old) < BY_CHANCE &&
      missing >= (before.length < SCATTER.minutes ? SCATTER.least : least) * rise * Math.min(requests, usual)
    )
      return { verdict: 'hurt', kind, now, before: old };
  }
  return { verdict: 'fine' };
}

const shareOf = (minutes: readonly Minute[], hurtOf: (minute: Minute) => number): Share => ({
  hurt: sumOf(minutes, hurtOf),
  of: sumOf(minutes, ({ requests }) => requests),
});

/** Metrics of a minute are complete a minute after its end. @param failed deploys, whose minutes do not count */
export async function lookAtBalancer(
  responses: ReadResponses,
  { firstMs, registeredAtMs, nowMs }: { readonly firstMs: number; readonly registeredAtMs: number; readonly nowMs: number },
  failed: readonly Served[],
): Promise<BalancerRead> {
  const beforeMs = Math.floor(firstMs / MINUTE_MS) * MINUTE_MS;
  const untilMs = Math.floor(nowMs / MINUTE_MS - 1) * MINUTE_MS;
  // The minute of the registration counts where there is no other one yet, and most of it is left.
  const wholeMs = Math.ceil(registeredAtMs / MINUTE_MS) * MINUTE_MS;
  const afterMs = wholeMs < untilMs ? wholeMs : Math.round(registeredAtMs / MINUTE_MS) * MINUTE_MS;
  const read = (await responses(beforeMs - MINUTES_BEFORE * MINUTE_MS, Math.max(beforeMs, untilMs))).filter(({ requests }) => requests > 0);
  return {
    before: read.filter(({ minuteMs }) => minuteMs < beforeMs && !failed.some(covers(minuteMs))),
    after: read.filter(({ minuteMs }) => minuteMs >= afterMs && minuteMs < untilMs),
  };
}

const covers =
  (minuteMs: number) =>
  ({ fromMs, toMs = minuteMs }: Served): boolean =>
    fromMs < minuteMs + MINUTE_MS && minuteMs <= toMs;
