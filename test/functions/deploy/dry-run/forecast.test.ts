import { describe, expect, it } from 'vitest';
import type { FleetMember } from '../../../../functions/deploy/assess/fleet-members.ts';
import { type ForecastFacts, forecast, lengthOf, togetherWith } from '../../../../functions/deploy/dry-run/forecast.ts';

const server = (instanceId: string, zone: string | undefined, more: Partial<FleetMember> = {}): FleetMember => ({
  instanceId,
  lifecycle: 'inService',
  version: '1.0.0',
  ...(zone !== undefined && { zone }),
  health: 'healthy',
  ...more,
});
const facts = (members: readonly FleetMember[], more: Partial<ForecastFacts> = {}): ForecastFacts => ({
  members,
  order: members.filter(({ version, health }) => version !== '2.0.0' || health !== 'healthy').map(({ instanceId }) => instanceId),
  version: '2.0.0',
  recover: false,
  mostAtOnce: 2,
  limits: { minimumHealthyTargets: 1, newcomerTimeoutSeconds: 1_200 },
  ...more,
});
const starts = (given: ForecastFacts) =>
  forecast(given, () => 10).map(({ instanceId, startsAfterSeconds }) => [instanceId, startsAfterSeconds]);
const together = (given: ForecastFacts) => {
  const slots = forecast(given, () => 10);
  return Object.fromEntries(slots.map((slot) => [slot.instanceId, togetherWith(slots, slot)]));
};

describe('a forecast', () => {
  it('takes out two of different zones together, and never both of one', () => {
    const members = [server('i-1', 'a'), server('i-2', 'a'), server('i-3', 'b'), server('i-4', 'b')];
    expect(together(facts(members))).toEqual({ 'i-1': ['i-3'], 'i-3': ['i-1'], 'i-2': ['i-4'], 'i-4': ['i-2'] });
  });

  it('leaves no zone without a healthy server, although the limit allows more', () => {
    const members = [server('i-1', 'a'), server('i-2', 'a'), server('i-3', 'b'), server('i-4', 'b')];
    const slots = forecast(facts(members, { mostAtOnce: 3 }), () => 10);
    const zoneOf = new Map(members.map(({ instanceId, zone }) => [instanceId, zone]));
    for (const slot of slots) {
      const zones = [slot.instanceId, ...togetherWith(slots, slot)].map((id) => zoneOf.get(id));
      expect(new Set(zones).size, JSON.stringify(slots)).toBe(zones.length);
    }
    expect(lengthOf(slots)).toBe(20);
  });

  it('rolls as many as the limit allows without zones, each as soon as one has ended', () => {
    const members = ['i-1', 'i-2', 'i-3', 'i-4', 'i-5'].map((id) => server(id, undefined));
    expect(starts(facts(members, { mostAtOnce: 2 }))).toEqual([
      ['i-1', 0],
      ['i-2', 0],
      ['i-3', 10],
      ['i-4', 10],
      ['i-5', 20],
    ]);
  });

  it('begins nothing between the first servers and the end of the stop after them', () => {
    const members = ['i-1', 'i-2', 'i-3', 'i-4'].map((id) => server(id, undefined));
    const slots = forecast(facts(members, { pause: { after: 1, seconds: 60 } }), (_, index) => (index === 0 ? 15 : 10));
    expect(slots.map(({ instanceId, startsAfterSeconds, endsAfterSeconds }) => [instanceId, startsAfterSeconds, endsAfterSeconds])).toEqual(
      [
        ['i-1', 0, 15],
        ['i-2', 75, 85],
        ['i-3', 75, 85],
        ['i-4', 85, 95],
      ],
    );
  });

  it('takes out fewer where the minimum forbids more', () => {
    const members = ['i-1', 'i-2', 'i-3'].map((id) => server(id, undefined));
    const limits = { minimumHealthyTargets: 2, newcomerTimeoutSeconds: 1_200 };
    expect(starts(facts(members, { limits })).map(([, at]) => at)).toEqual([0, 10, 20]);
  });

  it('begins with the unhealthy one and leaves those with the release alone', () => {
    const members = [server('i-1', 'a'), server('i-2', 'b', { health: 'unhealthy' }), server('i-3', 'c', { version: '2.0.0' })];
    expect(starts(facts(members, { mostAtOnce: 1 }))).toEqual([
      ['i-2', 0],
      ['i-1', 10],
    ]);
  });

  it('has every server of a deploy that would be refused, by the limit alone', () => {
    const members = [server('i-1', 'a'), server('i-2', 'a')];
    const limits = { minimumHealthyTargets: 5, newcomerTimeoutSeconds: 1_200 };
    expect(starts(facts(members, { limits }))).toEqual([
      ['i-1', 0],
      ['i-2', 0],
    ]);
  });

  it('has no server that is starting, and none twice', () => {
    const members = [
      server('i-1', 'a'),
      server('i-2', 'a', { lifecycle: 'starting' }),
      server('i-3', 'b', { version: '2.0.0', health: 'initial' }),
    ];
    expect(starts({ ...facts(members), order: ['i-1'], recover: true })).toEqual([['i-1', 0]]);
  });
});
