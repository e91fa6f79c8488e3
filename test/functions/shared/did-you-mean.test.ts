import { RegionInfo } from 'aws-cdk-lib/region-info';
import { describe, expect, it } from 'vitest';
import { KNOWN_REGIONS, notARegion, unknownRegion } from '../../../functions/shared/aws/partition.ts';
import { didYouMean } from '../../../functions/shared/did-you-mean.ts';

describe('what was meant', () => {
  it.each([
    ['weeb', ['web', 'api'], 'web'],
    ['quietSecond', ['quietSeconds', 'bakeSeconds'], 'quietSeconds'],
    // The same words in another order or writing, which are many edits.
    ['max_input_size', ['inputMaxSize', 'output'], 'inputMaxSize'],
    ['secondsQuiet', ['quietSeconds', 'bakeSeconds'], 'quietSeconds'],
    ['MinCapacity', ['minCapacity'], 'minCapacity'],
  ])('of %s is suggested', (written, known, meant) => {
    expect(didYouMean(written, known)).toBe(` Did you mean ${meant}?`);
  });

  it('is not suggested where nothing is close', () => {
    expect([didYouMean('redis', ['web', 'api']), didYouMean('x', ['a']), didYouMean('', ['web'])]).toEqual(['', '', '']);
  });
});

describe('Regions', () => {
  it('are those of the CDK', () => {
    expect([...KNOWN_REGIONS].sort()).toEqual(RegionInfo.regions.map(({ name }) => name).sort());
  });

  it('that can exist are only unknown, and others are refused', () => {
    expect(unknownRegion('eu-west-1')).toBeUndefined();
    expect(unknownRegion('eu-wset-1')).toMatch(/^Region eu-wset-1 is not one that .* Did you mean eu-west-1\?$/);
    expect(notARegion('us-east1')).toBe('must be the name of a Region, such as eu-west-1. Did you mean us-east-1?');
  });
});
