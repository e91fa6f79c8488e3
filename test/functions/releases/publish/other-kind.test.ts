import { expect, it } from 'vitest';
import { type Publication, refuseOtherKind } from '../../../../functions/releases/publish/publish.ts';
import { RELEASE } from '../../fakes/fixtures.ts';

const BUNDLE = { files: [], permissions: [], fileExists: 'DISALLOW', hooks: {} } as const;
const statement = (bundle?: typeof BUNDLE) =>
  ({ fleet: 'web', version: '1.4.2', app: { ...RELEASE.app, ...(bundle && { bundle }) } }) as unknown as Publication;

it('publishes bundles to a fleet of bundles alone, and nothing else to it', () => {
  expect(refuseOtherKind(statement(BUNDLE), true)).toBeUndefined();
  expect(refuseOtherKind(statement(), false)).toBeUndefined();
  expect(refuseOtherKind(statement(BUNDLE), false)).toMatchObject({
    result: 'refused',
    error: 'InvalidRequest',
    message: expect.stringContaining('fleet web has no "app" of kind "bundle". Nothing was published.'),
  });
  expect(refuseOtherKind(statement(), true)).toMatchObject({
    error: 'InvalidRequest',
    message: expect.stringContaining('Fleet web takes CodeDeploy bundles, and 1.4.2 is none. Nothing was published.'),
  });
});
