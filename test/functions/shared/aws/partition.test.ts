import { RegionInfo } from 'aws-cdk-lib/region-info';
import { expect, it } from 'vitest';
import { DOMAINS, domainOf, partitionOf, REGION_PATTERN, regionalArn } from '../../../../functions/shared/aws/partition.ts';

it('has the partition and the domain of every Region that the CDK knows', () => {
  const regions = RegionInfo.regions.map(({ name, partition, domainSuffix }) => ({ name, partition, domain: domainSuffix }));
  expect(new Set(regions.map(({ partition }) => partition)).size).toBeGreaterThanOrEqual(5);
  expect(regions.map(({ name }) => ({ name, partition: partitionOf(name), domain: domainOf(name) }))).toEqual(regions);
  expect(regions.filter(({ name }) => !new RegExp(REGION_PATTERN).test(name))).toEqual([]);
  expect(regions.filter(({ domain = '' }) => !DOMAINS.includes(domain))).toEqual([]);
});

it.each([
  ['us-east-1', 'arn:aws:states:us-east-1:111122223333:stateMachine:holdfast-sweep', 'amazonaws.com'],
  ['cn-north-1', 'arn:aws-cn:states:cn-north-1:111122223333:stateMachine:holdfast-sweep', 'amazonaws.com.cn'],
  ['us-gov-west-1', 'arn:aws-us-gov:states:us-gov-west-1:111122223333:stateMachine:holdfast-sweep', 'amazonaws.com'],
  ['us-isob-east-1', 'arn:aws-iso-b:states:us-isob-east-1:111122223333:stateMachine:holdfast-sweep', 'sc2s.sgov.gov'],
])('builds what a Region of any partition has: %s', (region, arn, domain) => {
  expect(regionalArn('states', { region, account: '111122223333' }, 'stateMachine:holdfast-sweep')).toBe(arn);
  expect(domainOf(region)).toBe(domain);
});
