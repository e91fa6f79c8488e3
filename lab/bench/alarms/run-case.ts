/** Runs a case in virtual time. */
import { sumOf } from '../../../functions/shared/arithmetic.ts';
import { randomOf } from '../../situations/world/random.ts';
import { createCollector } from './collector.ts';
import type { FrontCounts } from './counts.ts';
import { type Case, DAY, type Happening, inForce, SITE, type Site, TICK_MINUTES, WEEK } from './happening.ts';
import { Keys } from './keys.ts';
import { People } from './people.ts';
import { type AlarmProperties, type Fired, FRONT_DELAY_MINUTES, Rules } from './rules.ts';

/** A Monday. */
const FIRST_MS = Date.parse('2026-11-09T00:00:00Z');
const MINUTE_MS = 60_000;
const TICKS = Math.round(1 / TICK_MINUTES);
/** Tuesday, 10:50. */
const USUAL_AT = DAY + 650;
/** Lets the alarms settle. What is earlier is there for the collector, which compares with the week before. */
const WATCHED_BEFORE = DAY;
/** What must fire is watched for so long. */
export const WATCHED_MINUTES = 15;

export interface Span {
  /** Minutes before the moment that are simulated, and after it. */
  readonly before: number;
  readonly after: number;
}

export interface Run {
  readonly site: Site;
  /** Milliseconds since the epoch. */
  readonly momentMs: number;
  /** Requests per minute, just before the moment. */
  readonly before: number;
  readonly fired: readonly Fired[];
}
const BEFORE_MINUTES = 10;

/** @param rules of the case's kind of fleet */
export async function runCase(one: Case, rules: readonly AlarmProperties[], span: Span, seed: string): Promise<Run> {
  const site = { ...SITE, ...one.site };
  const at = one.at ?? USUAL_AT;
  const random = randomOf(`${one.name} ${seed}`);
  const [phase, evaluated, read] = [Math.floor(random() * TICKS) / TICKS, Math.floor(random() * TICKS), Math.floor(random() * TICKS)];
  const happens = one.happens.map((happening) => shifted(happening, phase));
  const keys = new Keys();
  const people = new People(site, happens, keys, random);
  // The store of a fleet in memory is another's, or empty.
  const collector = createCollector(site.fleet === 'memory' ? new Keys() : keys, site.collectMinutes);
  const timeOf = (minute: number) => FIRST_MS + Math.round((at + minute) * MINUTE_MS);
  const watched = new Rules(rules, timeOf(-Math.min(span.before, WATCHED_BEFORE)));
  const front: FrontCounts[] = [];
  for (let minute = -span.before; minute < span.after; minute += 1) {
    const isWatched = minute >= -WATCHED_BEFORE;
    for (let tick = 0; tick < TICKS; tick += 1) {
      const moment = minute + tick / TICKS;
      people.tick(moment, (((at + moment) % WEEK) + WEEK) % WEEK);
      keys.expire(moment);
      // The schedule's phase is its own, too.
      const isDue = (minute + span.before) % site.collectMinutes === evaluated % site.collectMinutes;
      if (tick === read && isDue && !happens.some((happening) => happening.what === 'unread' && inForce(happening, moment))) {
        watched.at(timeOf(moment));
        const hasReplica = !happens.some((happening) => happening.what === 'replica' && inForce(happening, minute));
        const values = await collector.read(timeOf(moment), at + moment, hasReplica);
        if (isWatched) watched.publishStore(values, timeOf(moment));
      }
      if (tick !== evaluated || !isWatched) continue;
      watched.at(timeOf(moment));
      watched.evaluate();
    }
    watched.at(timeOf(minute + 1));
    front.push(people.take());
    const published = front.at(-1 - FRONT_DELAY_MINUTES);
    if (published && isWatched) watched.publishFront(published, timeOf(minute - FRONT_DELAY_MINUTES));
    if (minute % 10 === 0) watched.prune();
  }
  const before = sumOf(front.slice(span.before - BEFORE_MINUTES, span.before), ({ requests }) => requests) / BEFORE_MINUTES;
  return { site, momentMs: timeOf(phase), before, fired: watched.fired };
}

const shifted = (happening: Happening, by: number): Happening => ({
  ...happening,
  from: happening.from + by,
  ...('until' in happening && happening.until !== undefined && { until: happening.until + by }),
});
