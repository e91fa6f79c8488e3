import { expect, it } from 'vitest';
import type { PublishReply } from '../../../../functions/releases/publish/contract.ts';
import { withMissing } from '../../../../functions/releases/publish/publish.ts';
import { RELEASE } from '../../fakes/fixtures.ts';

const published = (requires?: string[]): PublishReply => ({
  result: 'published',
  release: { ...RELEASE, app: { ...RELEASE.app, ...(requires && { requires }) } },
});

it('names the variables that the release requires and the fleet does not have', () => {
  expect(withMissing(published(['DB_PASSWORD', 'LEVEL']), ['LEVEL'])).toMatchObject({ result: 'published', missing: ['DB_PASSWORD'] });
  for (const reply of [published(), published(['LEVEL']), { result: 'uploadFirst' } as const])
    expect(withMissing(reply, ['LEVEL'])).not.toHaveProperty('missing');
});
