import { describe, expect, it } from 'vitest';
import { type FleetBeforeDeregistration, whyTooFew } from '../../../../functions/deploy/traffic/still-enough.ts';

const targets = (...states: string[]) => states.map((state, index) => ({ instanceId: `i-${index + 1}`, state }));
const placeholder = (instanceId: string) => ({ instanceId, version: 'none', installedAtMs: 1 });
const fleet = (more: Partial<FleetBeforeDeregistration>): FleetBeforeDeregistration => ({
  targets: targets('healthy', 'healthy', 'healthy'),
  instances: [],
  inFlight: new Set(),
  minimumHealthyTargets: 2,
  isRestart: false,
  current: '1',
  fromVersion: '1',
  version: '2',
  ...more,
});

describe('whether i-1 can be taken out', () => {
  it.each<[string, Partial<FleetBeforeDeregistration>, number | undefined]>([
    ['the minimum of others is healthy', {}, undefined],
    ['another one has failed', { targets: targets('healthy', 'unhealthy', 'healthy') }, 1],
    ['another one is gone', { targets: targets('healthy', 'healthy') }, 1],
    ['the deploy works on another one, which looks healthy', { inFlight: new Set(['i-2']) }, 1],
    ['another one only drains', { targets: targets('healthy', 'draining', 'healthy') }, 1],
    ['another one has only the placeholder', { instances: [placeholder('i-2')] }, 1],
    ['it does not serve itself', { targets: targets('unhealthy', 'unhealthy', 'unhealthy') }, undefined],
    ['it drains already: the step comes twice', { targets: targets('draining', 'unhealthy', 'healthy') }, undefined],
    ['it is not registered', { targets: [] }, undefined],
    ['it has only the placeholder itself', { targets: targets('healthy'), instances: [placeholder('i-1')] }, undefined],
    ['with recover', { targets: targets('healthy'), minimumHealthyTargets: 0 }, undefined],
    ['a fleet without a release goes back to placeholders', { targets: targets('healthy'), current: 'none', version: 'none' }, undefined],
    [
      'a first release comes to servers that serve users',
      { targets: targets('healthy', 'healthy'), current: 'none', fromVersion: 'unknown' },
      1,
    ],
    ['a first release comes to placeholders', { targets: targets('healthy', 'healthy'), current: 'none', fromVersion: 'none' }, undefined],
  ])('when %s', (_, more, others) => {
    const why = whyTooFew('i-1', fleet(more));
    if (others === undefined) expect(why).toBeUndefined();
    else expect(why).toMatch(new RegExp(`^only ${others} target would stay healthy while i-1 is out of service, .*use --recover`));
  });

  it('does not advise --recover for a restart, which has none', () => {
    const why = whyTooFew('i-1', fleet({ targets: targets('healthy', 'healthy'), isRestart: true }));
    expect(why).toMatch(/^only 1 target would stay healthy .*; i-1 was not taken out$/);
  });
});
