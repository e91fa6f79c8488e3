/** What the runs of a case come to. Pure. */
import type { Run } from './run-case.ts';

/** The last second in which an alarm is in time. */
export const IN_TIME_SECONDS = 300;

export interface Fires {
  readonly name: string;
  /** From the first moment of the trouble, in the slowest run; null where no alarm fired in one of them. */
  readonly secondsToAlarm: number | null;
  /** Of the slowest run. */
  readonly alarm?: string;
}

export interface Silent {
  readonly name: string;
  readonly alarms: readonly string[];
}

export interface Result {
  readonly mustFire: readonly Fires[];
  readonly mustNot: readonly Silent[];
}

const INSTALLATION = /^holdfast-(store|web|shop)-/;
const shortNameOf = (alarm: string): string => alarm.replace(INSTALLATION, '');

export function judgeFires(name: string, runs: readonly Run[]): Fires {
  const firsts = runs.map(({ momentMs, fired }) => {
    const first = fired.find(({ atMs }) => atMs >= momentMs);
    return first && { seconds: Math.round((first.atMs - momentMs) / 1_000), alarm: shortNameOf(first.alarm) };
  });
  const known = firsts.filter((first) => first !== undefined);
  if (known.length < firsts.length) return { name, secondsToAlarm: null };
  const slowest = known.toSorted((a, b) => b.seconds - a.seconds)[0];
  return { name, secondsToAlarm: slowest?.seconds ?? null, ...(slowest && { alarm: slowest.alarm }) };
}

/** @param right alarms that are no mistake */
export const judgeSilent = (name: string, runs: readonly Run[], right: readonly string[] = []): Silent => ({
  name,
  alarms: [...new Set(runs.flatMap(({ fired }) => fired.map(({ alarm }) => shortNameOf(alarm))))]
    .filter((alarm) => !right.includes(alarm))
    .sort(),
});

const isLate = ({ secondsToAlarm }: Fires): boolean => secondsToAlarm === null || secondsToAlarm > IN_TIME_SECONDS;

/** Names of what must fire and does not in time, without the excused; of what is excused and fires; and of what must not fire and does. */
export const wrongOf = ({ mustFire, mustNot }: Result, excused: readonly string[]): readonly string[] => [
  ...mustFire.filter((one) => isLate(one) !== excused.includes(one.name)).map(({ name }) => name),
  ...mustNot.filter(({ alarms }) => alarms.length > 0).map(({ name }) => name),
];
