import { expect, it } from 'vitest';
import type { DialectTally, Tally } from '../../../../functions/sweep/contract/tally.ts';
import { countShortened } from '../../../../functions/sweep/report/make-report.ts';

const swept = (repaired: number, deleted: number) => ({ repaired, deleted }) as DialectTally;
const byDialect: Tally['byDialect'] = { 'connect-redis': swept(7, 2), 'spring-default': swept(5, 0) };

it.each([
  ['nothing is configured', {}, 0],
  ['a life is below the framework’s default of a day', { 'connect-redis': 600 }, 9],
  ['a life is above it', { 'connect-redis': 604_800 }, 0],
  ['the dialect has no keys', { 'express-session': 1 }, 0],
])('counts what was given a shorter life when %s', (_title, idleSeconds: Record<string, number>, expected) => {
  expect(countShortened({ byDialect }, { idleSeconds })).toBe(expected);
});
