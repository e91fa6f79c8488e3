import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../infra/config.ts';
import { adopted, EXISTING_ADDRESSES, EXISTING_GROUP, EXISTING_INSTANCES } from './adopted-configs.ts';
import { foundBy } from './found-by.ts';

const warningsOf = (config: object): string[] =>
  foundBy(parseConfig(JSON.stringify(config), 'the test'), 'no-server-can-be-rolled', 'deploy-can-outlast-its-limit').map(
    ({ sentence }) => sentence,
  );
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

  it.each([
    ['two instances', EXISTING_INSTANCES, 2, {}, 1],
    ['two instances, one of which has to stay', EXISTING_INSTANCES, 2, { minimumHealthyTargets: 1 }, 0],
    ['three instances', EXISTING_INSTANCES, 3, {}, 0],
    ['one instance', EXISTING_INSTANCES, 1, { minimumHealthyTargets: 1 }, 1],
  ] as const)('is found by the list of existing servers: %s', (_, fleet, count, deploy, warnings) => {
    const instanceIds = fleet.existing?.instanceIds?.slice(0, count);
    expect(warningsOf(adopted({ ...fleet, deploy, existing: { ...fleet.existing, instanceIds } }))).toHaveLength(warnings);
  });

  it('says what to set for existing servers', () => {
    expect(warningsOf(adopted(EXISTING_ADDRESSES))).toEqual([
      expect.stringMatching(
        /^fleets\.web\.existing\.nodes has 2 servers, and deploy\.minimumHealthyTargets 2 .*every deploy is refused\. Set minimumHealthyTargets to 1 or less\.$/,
      ),
    ]);
  });

  it('has no limit that its list of servers can never reach', () => {
    const of = (maxParallel: number) => () =>
      warningsOf(adopted({ ...EXISTING_INSTANCES, deploy: { maxParallel, minimumHealthyTargets: 1 } }));
    expect(of(2)()).toEqual([]);
    expect(of(3)).toThrow('is 3, and minimumHealthyTargets 1 of at most 3 servers allows 2: lower it, or set a percentage');
  });

  it('is not judged by the configuration for an existing group, whose size is its own', () => {
    expect(warningsOf(adopted(EXISTING_GROUP))).toEqual([]);
  });
});

describe('a fleet whose deploy can be longer than its execution lasts', () => {
  const limit =
    /^fleets\.web can have 80 servers, and --pause-after waits for up to 30 minutes\. If every wait lasts .* takes 50 h 46 m, and Step/;

  it('is found by its largest size and the longest waits', () => {
    expect(warningsOf(created({ maxCapacity: 80 }))).toEqual([expect.stringMatching(limit)]);
    expect(warningsOf(created({ maxCapacity: 70 }))).toEqual([]);
  });

  it('is found when the wait to be continued alone makes it too long', () => {
    expect(warningsOf(created({ maxCapacity: 75, deploy: { pauseMinutes: 1 } }))).toEqual([]);
    expect(warningsOf(created({ maxCapacity: 75, deploy: { pauseMinutes: 240 } }))).toHaveLength(1);
  });

  it('is none where more servers are rolled at once', () => {
    expect(warningsOf(created({ maxCapacity: 80, deploy: { maxParallel: '25%' } }))).toEqual([]);
  });

  it('is refused where sessions are waited for, which is said before', () => {
    expect(warningsOf(created({ maxCapacity: 36, strategy: 'sticky' }))).toEqual([]);
    expect(warningsOf(created({ maxCapacity: 50, strategy: 'sticky' }))).toEqual([
      expect.stringMatching(
        /can have 50 servers\. With all of them a deploy would be refused: 50 servers can take 64 h 43 m one after the other/,
      ),
    ]);
  });
});

it.each([
  [{}, 1],
  [{ onPeople: 'stop' }, 0],
  [{ onPeople: 'report' }, 0],
])('synthesis says that deploys stop for people until the configuration does: %j', (deploy, count) => {
  expect(foundBy(parseConfig(JSON.stringify(created({ deploy })), 'the test'), 'stops-for-people')).toHaveLength(count);
});
