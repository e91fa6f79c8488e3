import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../infra/config.ts';
import { deployWarnings } from '../../infra/deploy-warnings.ts';
import { adopted, EXISTING_GROUP } from './adopted-configs.ts';

function warningsOf(config: object): string[] {
  const { fleets } = parseConfig(JSON.stringify(config), 'the test');
  return Object.entries(fleets).flatMap(([name, fleet]) => deployWarnings(name, fleet).map(({ message }) => message));
}
const created = (more: object) => ({ fleets: { web: { allowPlainHttp: true, ...more } } });

describe('a fleet that no deploy could roll', () => {
  it.each([
    [{}, 0],
    [{ minCapacity: 2 }, 1],
    [{ minCapacity: 2, deploy: { minimumHealthyTargets: 1 } }, 0],
    [{ minCapacity: 1, deploy: { minimumHealthyTargets: 1 } }, 1],
    [{ minCapacity: 1, deploy: { minimumHealthyTargets: 0 } }, 0],
  ])('%j has %i warnings', (fleet, count) => {
    expect(warningsOf(created(fleet))).toHaveLength(count);
  });

  it('says what to set', () => {
    expect(warningsOf(created({ minCapacity: 2 }))[0]).toContain('Set minCapacity to 3 or more, or minimumHealthyTargets to 1 or less.');
  });

  it('is not judged by the configuration for an existing group, whose size is its own', () => {
    expect(warningsOf(adopted(EXISTING_GROUP))).toEqual([]);
  });
});
