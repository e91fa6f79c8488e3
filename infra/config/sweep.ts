import { z } from 'zod';
import { sweepSettings } from '../../functions/sweep/settings-schema.ts';

/** How often the session store is swept, and how. */
export const sweep = sweepSettings.extend({
  everyHours: z.int().min(1).max(168).default(24),
});
