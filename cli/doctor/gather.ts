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
import { gatherCluster, gatherRole, gatherSecurityGroups, gatherServers, gatherStoreCheck } from './gather-servers.ts';
import { gatherAlarmSubscriptions, gatherAlarms, gatherBaseline, gatherDecisions, gatherStore } from './gather-store.ts';
import { known, type Lookups, SKIPPED } from './lookup.ts';

type Source = keyof Sources;

interface Gathering<Scope = StoreScope> {
  readonly clients: Clients;
  readonly scope: Scope;
  readonly now: () => number;
  /** What other gatherers look up, each once. */
  look<Name extends Source>(...names: Name[]): Promise<Pick<Lookups, Name>>;
}

/** What looks up some sources, together. */
interface Gatherer {
  readonly gives: readonly Source[];
  readonly gather: (gathering: Gathering) => Promise<Partial<Lookups>>;
}

const gatherer = <Name extends Source>(gather: (gathering: Gathering) => Promise<Pick<Lookups, Name>>, ...gives: Name[]): Gatherer => ({
  gives,
  gather,
});

/** One that is about a fleet. */
const ofFleet = <Name extends Source>(
  gather: (gathering: Gathering<Subject>) => Promise<Pick<Lookups, Name>>,
  ...gives: Name[]
): Gatherer => ({
  gives,
  gather: async (gathering) => ('fleet' in gathering.scope ? gather(gathering as Gathering<Subject>) : {}),
});

/** One of a single source. */
const single = <Name extends Source>(name: Name, gather: (gathering: Gathering) => Promise<Lookups[Name]>): Gatherer => ({
  gives: [name],
  gather: async (gathering) => ({ [name]: await gather(gathering) }),
});
const ofFleetSingle = <Name extends Source>(
  name: Name,
  gather: (g: Gathering<Subject>) => Promise<Lookups[Name]> | typeof SKIPPED,
): Gatherer => ({
  gives: [name],
  gather: async (gathering) => ('fleet' in gathering.scope ? { [name]: await gather(gathering as Gathering<Subject>) } : {}),
});

const GATHERERS: readonly Gatherer[] = [
  ofFleet(
    ({ clients, scope }) => gatherLoadBalancing(clients.elb, scope),
    ...(['targetGroup', 'attributes', 'targets', 'registersWith', 'loadBalancer', 'idleTimeoutSeconds'] as const),
    ...(['loadBalancerProtection', 'listeners', 'limits', 'targetGroupCounts'] as const),
  ),
  gatherer(({ clients, scope }) => gatherStore(clients.elastiCache, scope), 'store', 'evictionPolicy', 'keyspaceEvents', 'storeUsers'),
  ofFleet(
    ({ clients, scope }) => gatherReleases(clients, scope),
    ...(['fleetRecord', 'releases', 'installed', 'lastDeploy', 'lock', 'archive'] as const),
  ),
  gatherer(({ clients, scope }) => gatherProtection(clients, scope), 'terminationProtection', 'tableProtection'),
  ofFleet(({ clients, scope }) => gatherCluster(clients, scope), 'clusterSecret', 'copiesCompared'),
  single('clockSkewMs', ({ clients, now }) => gatherClock(clients.sts, now)),
  ofFleetSingle('zones', ({ clients, scope }) => (scope.zones ? readZones(clients.ec2, scope.region) : SKIPPED)),
  ofFleetSingle('roles', ({ clients }) => gatherRoles(clients.iam)),
  ofFleetSingle('drain', ({ clients, scope }) => gatherDrainRule(clients.elb, clients.lambda, scope)),
  single('openDecisions', ({ clients, scope }) => gatherDecisions(clients, scope)),
  ofFleetSingle('storeCheckGroupIds', ({ clients, scope }) => gatherStoreCheck(clients.lambda, scope)),
  single('alarms', ({ clients, scope }) => gatherAlarms(clients.cloudWatch, scope)),
  single('baseline', ({ clients, scope }) => gatherBaseline(clients.readings, scope)),
  single('alarmSubscriptions', ({ clients, scope }) => gatherAlarmSubscriptions(clients.sns, scope)),
  ofFleetSingle('documents', ({ clients, scope }) => gatherDocuments(clients.ssm, scope)),
  ofFleetSingle('unreservedConcurrency', ({ clients, scope }) => gatherConcurrency(clients.lambda, scope.region)),
  ofFleet(
    async ({ clients, scope, look }) => gatherServers(clients, scope, await look('targetGroup', 'targets')),
    ...(['group', 'hooks', 'template', 'servers', 'agents', 'memberIds'] as const),
  ),
  ofFleetSingle('certificates', async ({ clients, scope, look }) =>
    gatherCertificates(clients.acm, scope, (await look('listeners')).listeners),
  ),
  ofFleetSingle('longestResponseSeconds', async ({ clients, now, look }) =>
    gatherLongestResponse(clients.cloudWatch, { ...(await look('targetGroup', 'loadBalancer')), nowMs: now() }),
  ),
  ofFleetSingle('shownPages', async ({ clients, scope, look }) => gatherShownPages(clients, scope, (await look('listeners')).listeners)),
  ofFleetSingle('role', async ({ clients, scope, look }) => gatherRole(clients.iam, scope, (await look('servers')).servers)),
  ofFleetSingle('securityGroups', async ({ clients, scope, look }) => {
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
 * @param scope with the subject of a fleet; without one what is about fleets is left out
 */
export async function gather(
  { clients, scope, now }: Pick<Gathering, 'clients' | 'scope' | 'now'>,
  wanted: ReadonlySet<Source>,
): Promise<Partial<Lookups> & { readonly nowMs: number }> {
  const nowMs = now();
  const running = new Map<Gatherer, Promise<Partial<Lookups>>>();
  const run = (one: Gatherer): Promise<Partial<Lookups>> => {
    const begun = running.get(one) ?? one.gather(gathering);
    running.set(one, begun);
    return begun;
  };
  const runAll = async (names: readonly Source[]): Promise<Partial<Lookups>> => {
    const those = GATHERERS.filter(({ gives }) => gives.some((name) => names.includes(name)));
    return Object.assign({}, ...(await Promise.all(those.map(run)))) as Partial<Lookups>;
  };
  const gathering: Gathering = { clients, scope, now, look: async (...names) => (await runAll(names)) as Lookups };
  return { nowMs, ...(await runAll([...wanted])) };
}
