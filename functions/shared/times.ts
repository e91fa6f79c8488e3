/** Times in UTC, as reports and the console write them: their readers are in different places. Pure. */
import { durationText } from './duration-text.ts';

/** `03:12:05` */
export const clockText = (atMs: number): string => new Date(atMs).toISOString().slice(11, 19);
/** `03:12 UTC` */
export const minuteText = (atMs: number): string => `${clockText(atMs).slice(0, 5)} UTC`;
/** `2026-11-22` */
export const dateText = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);
/** `2026-11-22 03:12:05` */
export const dateTimeText = (atMs: number): string => `${dateText(atMs)} ${clockText(atMs)}`;
/** `2026-11-22 03:12:05 UTC` */
export const dateTimeWithZone = (atMs: number): string => `${dateTimeText(atMs)} UTC`;
/** `12 m 03 s` */
export const durationFor = (fromMs: number, untilMs: number): string => durationText(Math.max(0, untilMs - fromMs));
