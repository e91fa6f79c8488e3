import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../infra/config.ts';
import { foundBy } from '../found-by.ts';

const web = { allowPlainHttp: true };
const refusal = (config: object): string[] => {
  try {
    parseConfig(JSON.stringify(config), 'the test');
  } catch (error) {
    return (error as Error).message.split('\n  ').slice(1);
  }
  return [];
};

describe('a mistake in a configuration is explained in words', () => {
  it.each<[string, object, string]>([
    ['a key', { flets: {}, fleets: { web } }, 'flets ({}): is no key of a configuration. Did you mean fleets?'],
    [
      'a key of a fleet',
      { fleets: { web: { ...web, capacityMin: 2 } } },
      'fleets.web.capacityMin (2): is no key of a configuration. Did you mean minCapacity?',
    ],
    [
      'a key of deploys',
      { fleets: { web: { ...web, deploy: { quietSecond: 3 } } } },
      'fleets.web.deploy.quietSecond (3): is no key of a configuration. Did you mean quietSeconds?',
    ],
    [
      'a key of a created store',
      { store: { nodType: 'x' }, fleets: { web } },
      'store.nodType ("x"): is no key of a configuration. Did you mean nodeType?',
    ],
    ['a key that is like none', { fleets: { web }, zzzzzzzz: 1 }, 'zzzzzzzz (1): is no key of a configuration.'],
    [
      'a choice',
      { retention: 'ephemral', fleets: { web } },
      'retention ("ephemral"): must be protected or ephemeral. Did you mean ephemeral?',
    ],
    [
      'a Region',
      { region: 'eu-west1', fleets: { web } },
      'region ("eu-west1"): must be the name of a Region, such as eu-west-1. Did you mean eu-west-1?',
    ],
    [
      'a node type',
      { store: { nodeType: 't4g.small' }, fleets: { web } },
      'store.nodeType ("t4g.small"): must be a node type of ElastiCache, such as cache.t4g.small. Did you mean cache.t4g.small?',
    ],
    [
      'an instance type',
      { fleets: { web: { ...web, instanceType: 't4g.smal' } } },
      'fleets.web.instanceType ("t4g.smal"): must be an instance type of EC2, such as t4g.small. Did you mean t4g.small?',
    ],
    [
      'an instance type of a store',
      { fleets: { web: { ...web, instanceType: 'cache.m7g.large' } } },
      'fleets.web.instanceType ("cache.m7g.large"): must be an instance type of EC2, such as t4g.small. Did you mean m7g.large?',
    ],
    ['a type', { installation: 5, fleets: { web } }, 'installation (5): must be a text'],
    ['a number', { store: { replicas: 9 }, fleets: { web } }, 'store.replicas (9): must be at most 5'],
  ])('%s', (_what, config, line) => {
    expect(refusal(config)).toEqual([line]);
  });

  it('each of several unknown keys, which are one issue of the schema', () => {
    expect(refusal({ fleets: { web }, wach: {}, swep: {} })).toEqual([
      'wach ({}): is no key of a configuration. Did you mean watch?',
      'swep ({}): is no key of a configuration. Did you mean sweep?',
    ]);
  });

  it('takes types of families and sizes that exist or will', () => {
    for (const instanceType of ['t4g.small', 'm8gn.48xlarge', 'c7g.metal', 'u-6tb1.metal', 'x2iedn.metal-24xl', 'r6a.8xlarge'])
      expect(refusal({ fleets: { web: { ...web, instanceType } } })).toEqual([]);
    for (const nodeType of ['cache.t4g.micro', 'cache.r7g.16xlarge', 'cache.c7gn.xlarge'])
      expect(refusal({ store: { nodeType }, fleets: { web } })).toEqual([]);
  });

  it('a Region that AWS could have added is a warning', () => {
    const found = (region: string) =>
      foundBy({ region, fleets: {}, store: {}, sweep: {} }, 'unknown-region').map(({ sentence }) => sentence);
    expect(found('eu-west-1')).toEqual([]);
    expect(found('eu-west-9')).toEqual([expect.stringMatching(/Did you mean eu-west-\d\?$/)]);
  });
});
