/** Schemas of values that many keys have. */
import { z } from 'zod';

export const whole = (least: number, most: number) => z.int().min(least).max(most);
export const port = whole(1, 65_535);
export const text = (longest: number) => z.string().min(1).max(longest);
export const matching = (pattern: RegExp, message?: Parameters<z.ZodString['regex']>[1]) => z.string().regex(pattern, message);
