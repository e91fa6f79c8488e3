/** Which servers are asked of more than are asked. */
import { expect, it } from 'vitest';
import { chooseServers, withPlaces } from '../../../../functions/incidents/collect/collect-servers.ts';

const ids = (from: number, count: number) => Array.from({ length: count }, (_, index) => `i-${100 + from + index}`);
const at = (zone: string | undefined, version: string | undefined, names: readonly string[]) =>
  names.map((instanceId) => ({ instanceId, fleet: 'web', ...(zone && { zone }), ...(version && { version }) }));
const count = (chosen: readonly { zone?: string; version?: string }[], of: 'zone' | 'version') =>
  Object.fromEntries([...Map.groupBy(chosen, (one) => one[of] ?? 'none')].map(([name, all]) => [name, all.length]));

it('are all, in the order of their ids, where they are not too many', () => {
  const servers = at('a', '1.4.0', ids(0, 5)).toReversed();
  expect(chooseServers(servers, 5).map(({ instanceId }) => instanceId)).toEqual(ids(0, 5));
});

it('are spread over zones, though the ids of one come first', () => {
  const servers = [...at('a', '1.4.0', ids(0, 40)), ...at('b', '1.4.0', ids(40, 10)), ...at('c', '1.4.0', ids(50, 4))];
  expect(count(chooseServers(servers, 20), 'zone')).toEqual({ a: 8, b: 8, c: 4 });
});

it('are spread over those that have the new release and those that do not, in each zone', () => {
  const servers = [
    ...at('a', '1.3.0', ids(0, 30)),
    ...at('a', '1.4.0', ids(30, 2)),
    ...at('b', '1.3.0', ids(32, 30)),
    ...at('b', '1.4.0', ids(62, 9)),
  ];
  const chosen = chooseServers(servers, 20);
  expect(count(chosen, 'version')).toEqual({ '1.3.0': 12, '1.4.0': 8 });
  expect(count(chosen, 'zone')).toEqual({ a: 8, b: 12 });
});

it('are the same in whichever order the load balancer names them, and also where nothing else is known of them', () => {
  const servers = at(undefined, undefined, ids(0, 60));
  expect(chooseServers(servers.toReversed(), 20)).toEqual(chooseServers(servers, 20));
  expect(chooseServers(servers, 20)).toHaveLength(20);
});

it('have their zone and release, as far as these can be read', async () => {
  const zones = async () => new Map([['i-1', 'a']]);
  const versions = async () => new Map([['i-2', '1.4.0']]);
  expect(await withPlaces(['i-1', 'i-2'], { zones, versions })).toEqual([
    { instanceId: 'i-1', zone: 'a' },
    { instanceId: 'i-2', version: '1.4.0' },
  ]);
  const fails = async (): Promise<never> => {
    throw new Error('AccessDenied');
  };
  expect(await withPlaces(['i-1'], { zones: fails, versions: fails })).toEqual([{ instanceId: 'i-1' }]);
});
