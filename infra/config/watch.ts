import { z } from 'zod';

/** How the session store is watched. */
export const watch = z.strictObject({
  /** Minutes between two readings of the store. */
  collectMinutes: z.int().min(1).max(5).default(1),
  /** Seconds between two samples of the window of 24 that growth and what is usual are judged by: two hours by default. */
  sampleSeconds: z.int().min(60).max(3_600).default(300),
  /** Hours after which a sweep that did not come is overdue: a day and two hours. */
  sweepOverdueHours: z.int().min(1).max(168).default(26),
});
