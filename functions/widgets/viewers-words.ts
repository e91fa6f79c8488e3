/** Times and numbers as whoever looks at the dashboard writes them. Pure. */
import type { Viewer } from './contract.ts';

/** `Nov 20, 2026, 6:05:09 PM`, in the dashboard's time zone. */
export const timeText = ({ locale, offset }: Viewer, atMs: number): string =>
  new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium', timeZone: offset }).format(atMs);

export const countText = ({ locale }: Viewer, count: number): string => count.toLocaleString(locale);

/** Which zone a column's times are in: `UTC+02:00`. */
export const zoneText = ({ offset }: Viewer): string => (offset === '+00:00' || offset === '-00:00' ? 'UTC' : `UTC${offset}`);
