/** The same hours of earlier days: by the same installation's users, with what had begun by then. */
import type { Happening, Situation } from '../situation.ts';
import type { Metrics } from './metrics.ts';
import { simulate } from './simulate.ts';

const DAY_MINUTES = 1_440;
/** Most situations have the same installation, and nothing that is a day old. */
const KNOWN = new Map<string, Metrics>();

/** A load balancer's counts so many days ago, at the times of day of the situation. */
export function metricsOfDay(situation: Situation, seed: string, daysAgo: number): Metrics {
  const happens = situation.happens.flatMap((one) => laterBy(one, daysAgo * DAY_MINUTES) ?? []);
  const then: Situation = { ...situation, name: `day-${daysAgo}`, happens };
  const { installation, signMinutes } = then;
  const key = JSON.stringify([daysAgo, seed, installation, signMinutes, happens]);
  const known = KNOWN.get(key) ?? simulate(then, seed).metrics;
  KNOWN.set(key, known);
  return known;
}

/** A happening as that day has it: it is so many minutes less long ago. Undefined: it has not begun. */
function laterBy(happening: Happening, minutes: number): Happening | undefined {
  if (!('at' in happening)) return undefined;
  const at = happening.at + minutes;
  if (at > 0) return undefined;
  return 'until' in happening && happening.until !== undefined && happening.until !== 0
    ? { ...happening, at, until: happening.until + minutes }
    : { ...happening, at };
}
