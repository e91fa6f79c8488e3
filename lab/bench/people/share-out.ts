/** Which cloud runs which cases. */
import { type Case, USUAL_FLEET } from './cases.ts';

/** About, on two busy cores. The load balancer's minutes are waited for, and another fleet or shop has to be started. */
const SECONDS = { stop: 110, pass: 160, minutes: 200, start: 90 } as const;

const secondsOf = ({ expected, release }: Case): number => SECONDS[expected] + (release.without?.includes('log') ? SECONDS.minutes : 0);

/** Cases for so many clouds, which take about as long: those of another fleet or shop together, and then one by one. */
export function sharedOut(cases: readonly Case[], clouds: number): readonly (readonly Case[])[] {
  const usual = JSON.stringify(['express', USUAL_FLEET]);
  const groups = Map.groupBy(cases, ({ app, fleet = USUAL_FLEET }) => JSON.stringify([app, fleet]));
  const others = [...groups].filter(([key]) => key !== usual).map(([, group]) => group);
  const parts = Array.from({ length: clouds }, () => ({ seconds: 0, cases: new Set<Case>() }));
  for (const group of [...others, ...(groups.get(usual) ?? []).map((one) => [one])]) {
    const part = parts.reduce((least, one) => (one.seconds < least.seconds ? one : least));
    part.seconds += group.reduce((sum, one) => sum + secondsOf(one), others.includes(group) ? SECONDS.start : 0);
    for (const one of group) part.cases.add(one);
  }
  return parts.map((part) => cases.filter((one) => part.cases.has(one))).filter((part) => part.length > 0);
}
