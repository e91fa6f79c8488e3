/**
 * zod for functions: its small variant, a quarter of the size, since a function imports it at every cold start. Checks are arguments
 * instead of methods; issues read as those of the full variant, which infrastructure and commands use with the same schemas.
 *
 * Import it as a namespace: of `import { z }` a bundler keeps everything.
 * @see https://zod.dev/packages/mini
 */
import * as z from 'zod/mini';
import english from 'zod/v4/locales/en.js';

z.config(english());

export * from 'zod/mini';

export const matching = (pattern: RegExp) => z.string().check(z.regex(pattern));

export const text = (fewest: number, most: number) => z.string().check(z.minLength(fewest), z.maxLength(most));

/** A whole number from `least` to `most`. @param most @default no limit */
export const whole = (least: number, most?: number) =>
  most === undefined ? z.int().check(z.minimum(least)) : z.int().check(z.minimum(least), z.maximum(most));
