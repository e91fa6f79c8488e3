import { describe, expect, it } from 'vitest';
import { advise } from '../../advisor/advise.ts';
import type { HoldfastConfig } from '../../infra/config.ts';
import { parseConfig } from '../../infra/config.ts';
import { foundBy } from '../infra/found-by.ts';
import { everySituation, existing } from './situations.ts';

/** The snippet in a configuration that has what nobody can advise on: the listener. */
function configOf(situation: Parameters<typeof advise>[0]): HoldfastConfig {
  const { fleets, ...rest } = advise(situation).configuration;
  return parseConfig(JSON.stringify({ ...rest, fleets: { web: { allowPlainHttp: true, ...fleets.web } } }), 'the snippet');
}

describe('the advised configuration', () => {
  it('is accepted in every situation, and contradicted by the matrix at most since its servers are in a cloud', () => {
    for (const situation of everySituation()) {
      const config = configOf(situation);
      expect(config.fleets['web']?.strategy).toBe(advise(situation).recommended);
      const found = foundBy(config, 'strategy-contradicts-matrix').filter(
        ({ sentence }) => !sentence.includes('matrix: "Cloud/Kubernetes"'),
      );
      expect(found, JSON.stringify(situation)).toEqual([]);
    }
  });

  it.each([
    [1, 0],
    [2, 1],
    [3, 2],
    [40, 2],
  ])('of %i servers lets a deploy roll one while %i others are healthy', (servers, minimumHealthyTargets) => {
    expect(configOf(existing(servers, { system: 'new' })).fleets['web']?.deploy.minimumHealthyTargets).toBe(minimumHealthyTargets);
  });

  it('has the number of servers of the situation', () => {
    expect(configOf(existing(7)).fleets['web']?.minCapacity).toBe(7);
    expect(configOf(existing(3)).fleets['web']?.existing?.instanceIds).toHaveLength(3);
  });

  it.each([
    [true, 'redis', true, 'set "stickiness": true'],
    [false, 'redis', undefined, 'each request can go to any server'],
    [undefined, 'redis', undefined, 'ask again with --page-state'],
    [true, 'sticky', undefined, 'as this strategy needs in any case'],
  ] as const)('asks whether pages keep state: %s, with %s', (pageState, strategy, stickiness, sentence) => {
    const { recommended, pages, configuration } = advise({ ...(strategy === 'redis' ? existing(5) : existing(2)), pageState });
    expect([recommended, configuration.fleets.web['stickiness']]).toEqual([strategy, stickiness]);
    expect(pages).toContain(sentence);
  });
});
