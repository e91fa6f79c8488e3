import { expect, it } from 'vitest';
import type { Life } from '../../../../functions/sweep/keys/read-life.ts';
import { dependsOnIdle } from '../../../../functions/sweep/pages/read-lives.ts';

const limited = (remainingSeconds: number, isCertain: boolean): Life => ({
  kind: 'limited',
  remainingSeconds,
  isCertain,
  isDeclared: true,
});

it.each([
  ['its life is the same and as certain', limited(60, true), limited(60, true), true, false],
  ['only a deletion needs certainty, and it is not to be deleted', limited(60, false), limited(60, true), false, false],
  ['a deletion needs certainty', limited(60, false), limited(60, true), true, true],
  ['its life ends sooner unused', limited(60, true), limited(0, true), false, true],
])('the primary is asked for the idle time of a key only where it decides: %s', (_, life, unused, canDelete, asks) => {
  expect(dependsOnIdle(life, unused, canDelete)).toBe(asks);
});
