import type { Sources } from '../../functions/checks/facts.ts';
import type { StoreScope, Subject } from '../../functions/checks/subject.ts';
import { readZones } from '../installation/read-zones.ts';
import type { Clients } from './clients.ts';
import {
  gatherCertificates,
  gatherDrainRule,
  gatherLoadBalancing,
  gatherLongestResponse,
  gatherShownPages,
} from './gather-load-balancer.ts';
import { gatherClock, gatherConcurrency, gatherDocuments, gatherProtection, gatherReleases, gatherRoles } from './gather-records.ts';
import { gatherRole, gatherSecurityGroups, gatherServers, gatherStoreCheck } from './gather-servers.ts';
import { gatherAlarmSubscriptions, gatherAlarms, gatherBaseline, gatherDecisions, gatherStore } from './gather-store.ts';
import { known, type Lookups, SKIPPED } from './lookup.ts';

type Source = keyof Sources;

interface Gathering {
  readonly clients: Clients;
  /** Of gatherers of the store only what a store without fleets has. */
  readonly scope: Subject;
  readonly now: () => number;
  /** What other gatherers look up, each once. */
  look<Name extends Source>(...names: Name[]): Promise<Pick<Lookups, Name>>;
}

/** What looks up some sources, together. */
interface Gatherer {
  readonly gives: readonly Source[];
  readonly gather: (gathering: Gathering) => Promise<Partial<Lookups>>;
}

const several = <Name extends Source>(
  gives: readonly Name[],
  gather: (gathering: Gathering) => Promise<Pick<Lookups, Name>>,
): Gatherer => ({ gives, gather });
const one = <Name extends Source>(name: Name, gather: (gathering: Gathering) => Promise<Lookups[Name]>): Gatherer => ({
  gives: [name],
  gather: async (gathering) => ({ [name]: await gather(gathering) }),
});

const OF_STORE: readonly Gatherer[] = [
  several(['store', 'evictionPolicy', 'keyspaceEvents', 'storeUsers'], ({ clients, scope }) => gatherStore(clients.elastiCache, scope)),
  one('terminationProtection', ({ clients, scope }) => gatherProtection(clients.cloudFormation, scope)),
  one('clockSkewMs', ({ clients, now }) => gatherClock(clients.sts, now)),
  one('openDecisions', ({ clients, scope }) => gatherDecisions(clients, scope)),
  one('alarms', ({ clients, scope }) => gatherAlarms(clients.cloudWatch, scope)),
  one('baseline', ({ clients, scope }) => gatherBaseline(clients.readings, scope)),
  one('alarmSubscriptions', ({ clients, scope }) => gatherAlarmSubscriptions(clients.sns, scope)),
];

const OF_FLEET: readonly Gatherer[] = [
  several(
    [
      ...(['targetGroup', 'attributes', 'targets', 'registersWith', 'targetGroupCounts', 'limits'] as const),
      ...(['loadBalancer', 'idleTimeoutSeconds', 'listeners'] as const),
    ],
    ({ clients, scope }) => gatherLoadBalancing(clients.elb, scope),
  ),
  several(['fleetRecord', 'releases', 'installed', 'lastDeploy', 'lock', 'archive'], ({ clients, scope }) =>
    gatherReleases(clients, scope),
  ),
  one('zones', async ({ clients, scope }) => (scope.zones ? readZones(clients.ec2, scope.region) : SKIPPED)),
  one('roles', ({ clients }) => gatherRoles(clients.iam)),
  one('drain', ({ clients, scope }) => gatherDrainRule(clients.elb, clients.lambda, scope)),
  one('storeCheckGroupIds', ({ clients, scope }) => gatherStoreCheck(clients.lambda, scope)),
  one('documents', ({ clients, scope }) => gatherDocuments(clients.ssm, scope)),
  one('unreservedConcurrency', ({ clients, scope }) => gatherConcurrency(clients.lambda, scope.region)),
  several(['group', 'hooks', 'template', 'servers', 'agents', 'memberIds'], async ({ clients, scope, look }) =>
    gatherServers(clients, scope, await look('targetGroup', 'targets')),
  ),
  one('certificates', async ({ clients, scope, look }) => gatherCertificates(clients.acm, scope, (await look('listeners')).listeners)),
  one('longestResponseSeconds', async ({ clients, now, look }) =>
    gatherLongestResponse(clients.cloudWatch, { ...(await look('targetGroup', 'loadBalancer')), nowMs: now() }),
  ),
  one('shownPages', async ({ clients, scope, look }) => gatherShownPages(clients, scope, (await look('listeners')).listeners)),
  one('role', async ({ clients, scope, look }) => gatherRole(clients, scope, (await look('servers')).servers)),
  one('securityGroups', async ({ clients, scope, look }) => {
    const { loadBalancer, servers, store, storeCheckGroupIds } = await look('loadBalancer', 'servers', 'store', 'storeCheckGroupIds');
    return gatherSecurityGroups(clients.ec2, [
      ...Object.values(scope.securityGroups),
      ...(known(loadBalancer)?.securityGroupIds ?? []),
      ...(known(servers) ?? []).flatMap(({ securityGroupIds }) => securityGroupIds),
      ...(known(store)?.securityGroupIds ?? []),
      ...(known(storeCheckGroupIds) ?? []),
    ]);
  }),
];

/**
 * Looks up what is wanted, and what that needs, as much as possible in parallel. Never throws: what cannot be read is an unknown lookup.
 * @param place with the scope of a store without fleets, what is about fleets is left out
 */
export async function gather(
  place: Pick<Gathering, 'clients' | 'now'> & { readonly scope: StoreScope | Subject },
  wanted: ReadonlySet<Source>,
): Promise<Partial<Lookups> & { readonly nowMs: number }> {
  const nowMs = place.now();
  const gatherers = 'fleet' in place.scope ? [...OF_FLEET, ...OF_STORE] : OF_STORE;
  const running = new Map<Gatherer, Promise<Partial<Lookups>>>();
  const run = (gatherer: Gatherer): Promise<Partial<Lookups>> => {
    const begun = running.get(gatherer) ?? gatherer.gather(gathering);
    running.set(gatherer, begun);
    return begun;
  };
  const runAll = async (names: readonly Source[]): Promise<Partial<Lookups>> => {
    const those = gatherers.filter(({ gives }) => gives.some((name) => names.includes(name)));
    return Object.assign({}, ...(await Promise.all(those.map(run)))) as Partial<Lookups>;
  };
  const gathering = { ...place, look: async (...names: Source[]) => (await runAll(names)) as Lookups } as Gathering;
  return { nowMs, ...(await runAll([...wanted])) };
}
