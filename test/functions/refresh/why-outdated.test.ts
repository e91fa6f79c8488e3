import { describe, expect, it } from 'vitest';
import { launchedFrom, whyOutdated } from '../../../functions/refresh/why-outdated.ts';

const current = { launchTemplate: { id: 'lt-1', version: '7' }, imageId: 'ami-2', otherTemplateIds: ['lt-9'] };
const from = (id: string, version: string, imageId?: string) => ({ launchTemplate: { id, version }, ...(imageId && { imageId }) });

describe('a server', () => {
  it.each([
    ['of the current version and image is current', from('lt-1', '7', 'ami-2'), undefined],
    ['of an earlier version is outdated', from('lt-1', '6', 'ami-2'), 'launch template version 6, and 7 is current'],
    ['of a later version is outdated: the group went back', from('lt-1', '8'), 'launch template version 8, and 7 is current'],
    ['of an earlier image is outdated', from('lt-1', '7', 'ami-1'), 'image ami-1, and ami-2 is current'],
    ['whose image is unknown is judged by its version', from('lt-1', '7'), undefined],
    [
      'whose version Auto Scaling does not resolve is judged by its image',
      from('lt-1', '$Latest', 'ami-1'),
      'image ami-1, and ami-2 is current',
    ],
    ['of another template is outdated', from('lt-2', '7'), 'it was launched from lt-2, and the group uses lt-1'],
    ['of a template that a mixed group uses for some instance types is not compared', from('lt-9', '1'), undefined],
    ['from a launch configuration is outdated', {}, 'it was launched from no launch template, and the group uses lt-1'],
  ])('%s', (_, server, why) => {
    expect(whyOutdated(server, current)).toBe(why);
  });

  it('is not compared with an image that cannot be resolved', () => {
    const { imageId: _, ...unresolved } = current;
    expect(whyOutdated(from('lt-1', '7', 'ami-1'), unresolved)).toBeUndefined();
    expect(whyOutdated(from('lt-1', '7', 'ami-1'), { ...current, imageId: 'resolve:ssm:/x' })).toBeUndefined();
  });

  it('is recorded with what it was launched from', () => {
    expect(launchedFrom(from('lt-1', '7', 'ami-2'))).toEqual({ launchTemplate: 'lt-1 version 7', imageId: 'ami-2' });
    expect(launchedFrom({})).toEqual({});
  });
});
