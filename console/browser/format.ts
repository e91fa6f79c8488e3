/** Numbers, times and addresses as text. Pure. */
import { dateTimeText } from '../../functions/shared/texts.ts';
import type { Series } from '../dashboards/queries.ts';

/** The console's own page for `canary.md`, `runbook/at-night.md#store-unreachable` or `incidents.md#store-down` of the documentation; undefined for other files. */
export function pageHref(page: string): string | undefined {
  const [, name, heading] = /^((?:[a-z]+\/)?[\w-]+)\.md(?:#([\w-]+))?$/.exec(page) ?? [];
  if (name === undefined) return undefined;
  return heading !== undefined && /^(runbook\/|incidents$)/.test(name) ? `#/runbook/${heading}` : `#/docs/${name}`;
}

const UNITS = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const;

/** `0.0042`, `12.3`, `1,234`, `12.3k`, `4.56M`: at most four significant digits. */
export function shortNumber(value: number): string {
  if (!Number.isFinite(value)) return 'not a number';
  const size = Math.abs(value);
  const [least, unit] = UNITS.find(([limit]) => size >= limit && size >= 10_000) ?? [1, ''];
  return `${(value / least).toLocaleString('en-US', { maximumSignificantDigits: size >= 1_000 && size < 10_000 ? 4 : 3 })}${unit}`;
}

/** `in 12 min`, `now` */
export const untilText = (ms: number): string => (ms < 1_000 ? 'now' : `in ${lengthText(Math.round(ms / 1000))}`);

const INSTANT = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z`;

/** A sentence of the commands with its times as the console writes them: a deadline is relative, every other time has its zone. */
export const withTimes = (text: string, nowMs: number): string =>
  text
    .replaceAll(new RegExp(`until (${INSTANT})`, 'g'), (whole, at: string) => {
      const leftMs = Date.parse(at) - nowMs;
      return leftMs > 0 ? `for another ${lengthText(Math.ceil(leftMs / 1000))}` : whole;
    })
    .replaceAll(new RegExp(INSTANT, 'g'), (at) => `${dateTimeText(Date.parse(at))} UTC`);

/** `just now`, `40 s ago`, `7 min ago`, `3 h ago`, `2 d ago` */
export function agoText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 5) return 'just now';
  return `${lengthText(seconds)} ago`;
}

/** A length of time in its largest unit: `40 s`, `7 min`, `3 h`, `2 d`. */
function lengthText(seconds: number): string {
  if (seconds < 90) return `${seconds} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  return seconds < 36 * 3_600 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} d`;
}

/** `15 min`, `3 h`, `7 d` */
export function rangeText(minutes: number): string {
  if (minutes % 1_440 === 0) return `${minutes / 1_440} d`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${minutes} min`;
}

/** A value that two more readings should have followed is old. */
const READINGS = 2;

/**
 * The age of a series' latest value where that is older than two readings, in milliseconds. The value of a period is known at its end.
 * @returns undefined for one that is current, and without data
 */
export function oldAge({ points, periodSeconds }: Pick<Series, 'points' | 'periodSeconds'>, nowMs: number): number | undefined {
  const [startMs] = points.at(-1) ?? [];
  if (startMs === undefined) return undefined;
  const ageMs = nowMs - startMs - periodSeconds * 1000;
  return ageMs > READINGS * periodSeconds * 1000 ? ageMs : undefined;
}
