import { expect, it } from 'vitest';
import { isPrepared } from '../../../../functions/deploy/rolls/in-flight.ts';
import { NO_RELEASE } from '../../../../functions/shared/version.ts';
import { RELEASE } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';

it.each([
  ['a server that has had a release', { fromVersion: '1.0.0' }, true],
  ['a placeholder, whose user data can be at work', { fromVersion: NO_RELEASE }, false],
  ['a server that nothing is known of', { fromVersion: 'unknown' }, false],
  ['a server whose release is not on record', { fromVersion: '0.9.0' }, false],
  ['a server whose sessions are copied to others', { fromVersion: '1.1.0' }, false],
  ['a server that a document prepares', { fromVersion: '1.0.0', prepares: true }, false],
])('%s', async (_what, { fromVersion, prepares = false }: { fromVersion: string; prepares?: boolean }, expected) => {
  const records = memoryRecords();
  await records.putRelease({ ...RELEASE, version: '1.0.0' });
  await records.putRelease({
    ...RELEASE,
    version: '1.1.0',
    app: { ...RELEASE.app, copies: { sessionsAlone: { path: '/status', field: 'alone' } } },
  });
  expect(await isPrepared({ records, prepares }, 'web', { fromVersion })).toBe(expected);
});
