import { expect, it } from 'vitest';
import { isPrepared } from '../../../../functions/deploy/rolls/in-flight.ts';
import { NO_RELEASE } from '../../../../functions/shared/version.ts';

it.each([
  ['a server that has had a release', { fromVersion: '1.0.0' }, true],
  ['a placeholder, whose user data can be at work', { fromVersion: NO_RELEASE }, false],
  ['a server that nothing is known of', { fromVersion: 'unknown' }, false],
  ['a server that a document prepares', { fromVersion: '1.0.0', prepares: true }, false],
])('%s', (_what, { fromVersion, prepares = false }: { fromVersion: string; prepares?: boolean }, expected) => {
  expect(isPrepared({ prepares }, { fromVersion })).toBe(expected);
});
