/** Numbers and times as text. Pure. */

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

const two = (value: number): string => String(value).padStart(2, '0');

/** `14:03:09`, in the reader's time zone. */
export function clockTime(atMs: number): string {
  const at = new Date(atMs);
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** `2026-11-20 14:03:09` */
export function dateTime(atMs: number): string {
  const at = new Date(atMs);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${clockTime(atMs)}`;
}

/** The reader's time zone: `UTC`, `UTC+05:30`. */
export function zoneText(at: Date = new Date()): string {
  const minutes = -at.getTimezoneOffset();
  if (minutes === 0) return 'UTC';
  return `UTC${minutes < 0 ? '-' : '+'}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
}

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
