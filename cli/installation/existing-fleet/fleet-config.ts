/** The configuration that `holdfast init --existing --target-group` writes: values with where they were found, marks where a person decides. Pure. */
import { withDerived } from '../../../functions/deploy/settings/read-settings.ts';
import { deploySettings } from '../../../functions/deploy/settings/settings.ts';
import { DEFAULT_ADDRESS_DELAY_SECONDS, findUnfitTime } from '../../../functions/instance/drain-times.ts';
import { compareAgentVersion } from '../../../functions/instance/slice-parameters.ts';
import { isSticky } from '../../../functions/shared/aws/attributes-reader.ts';
import { placeOf } from '../../../infra/config/aws-names.ts';
import { FILL_IN } from '../../../infra/config/explain-issue.ts';
import { possibleAuths } from '../existing-store/choose-sign-in.ts';
import type { StoreConfig } from '../existing-store/store-config.ts';
import type { StoreFacts } from '../existing-store/store-facts.ts';
import type { ServerView, ServerViews } from './ask-servers.ts';
import { type FleetFacts, listed, subnetsOf } from './fleet-facts.ts';
import { judgeViews, type Read } from './judge-views.ts';

export interface Found {
  /** Dots between keys: `fleets.web.port`. */
  readonly key: string;
  readonly value: unknown;
  /** Where it was found: the rest of a line. */
  readonly from: string;
}

export interface FleetConfigText {
  readonly config: Readonly<Record<string, unknown>>;
  readonly found: readonly Found[];
  /** What to do before a deploy can work, as sentences. */
  readonly missing: readonly string[];
  readonly notes: readonly string[];
}

/** What `--store` names, and what its own init would write. */
export interface FoundStore {
  readonly facts: StoreFacts;
  readonly written: StoreConfig;
}

export interface FleetInput {
  readonly facts: FleetFacts;
  /** A text where no server was asked: the reason. */
  readonly asked: ServerViews | string;
  readonly store: FoundStore | undefined;
  readonly fleet: string;
  readonly installation?: string | undefined;
}

const PERSON = 'a person';
const mark = (what: string): string => `${FILL_IN}${what}`;
const found = (from: string, values: Readonly<Record<string, unknown>>): readonly Found[] =>
  Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : { key, value, from }));

/** @throws CommandFailure UnusableFleet for servers that Holdfast cannot roll */
export function fleetConfig(input: FleetInput): FleetConfigText {
  const { facts, asked, store, fleet } = input;
  const views = typeof asked === 'string' ? [] : [...asked].flatMap(([id, view]) => (typeof view === 'string' ? [] : { id, view }));
  judgeViews(views, facts.port);
  const ofFleet = [...ofFront(facts), ...ofServers(facts), ...ofViews(views, input), ...ofSessions(input), ...ofDeploy(facts)];
  const all = [...ofInstallation(input), ...ofFleet.map((one) => ({ ...one, key: `fleets.${fleet}.${one.key}` }))];
  return {
    config: nested([...found('', { $schema: './node_modules/holdfast/holdfast.schema.json' }), ...all]),
    found: all.filter(({ from }) => from !== PERSON),
    missing: [...shortDelay(facts), ...oldAgents(facts), ...(store?.written.missing ?? [])],
    notes: [...notesOn(facts), ...notesOnViews(views, input), ...(store?.written.notes ?? [])],
  };
}

/** Part of what `init --store` writes. */
interface StorePart {
  readonly network?: { readonly existing: { readonly storeSubnetIds: readonly string[] } };
  readonly store?: {
    readonly existing: Readonly<Record<string, unknown>>;
    readonly sessions: readonly [Readonly<Record<string, unknown>>];
  };
  readonly sweep?: { readonly policy: string };
}
const partOf = (store: FoundStore | undefined): StorePart => store?.written.config ?? {};

function ofInstallation({ facts, store, installation }: FleetInput): readonly Found[] {
  const { targetGroup, servers, loadBalancer } = facts;
  const { region, account } = placeOf(targetGroup.TargetGroupArn ?? '');
  const own = subnetsOf(servers);
  const ofFront = (loadBalancer.AvailabilityZones ?? []).flatMap(({ SubnetId }) => SubnetId ?? []);
  const web = own.length > 1 ? own : [...new Set([...own, ...ofFront])];
  const { network, store: { existing } = { existing: {} }, sweep } = partOf(store);
  const { newUser } = store?.written ?? {};
  const ofStore = Object.entries({ ...existing, ...(newUser !== undefined && { userName: newUser }) });
  return [
    ...found('--installation', { installation }),
    ...found("the target group's ARN", { account, region }),
    ...found('the target group', { 'network.existing.vpcId': targetGroup.VpcId }),
    ...found(`subnets of ${own.length > 1 ? 'the servers' : 'servers and load balancer'}`, { 'network.existing.webSubnetIds': web }),
    ...found(network ? 'subnets with a way to the store' : 'the same', {
      'network.existing.storeSubnetIds': network?.existing.storeSubnetIds ?? web,
    }),
    ...ofStore.flatMap(([key, value]) =>
      found(String(value).startsWith(FILL_IN) ? PERSON : `replication group ${store?.facts.id}`, { [`store.existing.${key}`]: value }),
    ),
    ...found('the first report comes before any change of a key', { 'sweep.policy': sweep?.policy }),
  ];
}

const ofFront = ({ targetGroup, loadBalancer, port }: FleetFacts): readonly Found[] => [
  ...found('the targets', { port }),
  ...found('--target-group', { 'existing.targetGroupArn': targetGroup.TargetGroupArn }),
  ...found('its load balancer', { 'existing.loadBalancerArn': loadBalancer.LoadBalancerArn }),
];

function ofServers({ targetGroup, servers, group, roleNames, securityGroups }: FleetFacts): readonly Found[] {
  const roles = [...new Set(roleNames)];
  const several = roles.length > 1 ? `: they have ${listed(roles.map((name) => name ?? 'none'))}, and a fleet has one` : '';
  const members =
    group !== undefined
      ? found('the tag aws:autoscaling:groupName of the servers', { 'existing.autoScalingGroupName': group.AutoScalingGroupName })
      : targetGroup.TargetType === 'instance'
        ? found('the targets', { members: 'instances', 'existing.instanceIds': servers.map(({ nodeId }) => nodeId) })
        : found('the targets and the nodes of Systems Manager', {
            members: 'ip',
            'existing.nodes': servers.map(({ nodeId, target: { Id: ip, Port: port, AvailabilityZone: zone } }) => ({
              ...{ nodeId, ip, port },
              ...(zone === 'all' && { availabilityZone: zone }),
            })),
          });
  return [
    ...members,
    ...(roles.length === 1 && roles[0] !== undefined
      ? found('the instance profile of the servers', { 'existing.instanceRoleName': roles[0] })
      : found(PERSON, { 'existing.instanceRoleName': mark(`the role of the servers, without its path${several}`) })),
    ...found(`${securityGroups[0]?.GroupName}, which every server has`, { 'existing.instanceSecurityGroupId': securityGroups[0]?.GroupId }),
  ];
}

/** Programs that pass requests on to an application behind them. */
const PROXIES = ['nginx', 'haproxy', 'envoy', 'httpd', 'apache2', 'caddy', 'traefik'];
/** The oldest for which the configuration needs no key. */
const USUAL_JAVA = 17;

function ofViews([first, ...others]: readonly Read[], { facts, asked, store }: FleetInput): readonly Found[] {
  const { targetGroup, port } = facts;
  const service = 'existing.replacesService';
  if (first === undefined)
    return found(PERSON, {
      [service]: mark(`the systemd service at port ${port} of the servers, such as tomcat.service (${unreadText(asked)})`),
    });
  const { units, programs, tomcat, java } = first.view;
  const proxy = programs.find((name) => PROXIES.includes(name));
  if (proxy !== undefined)
    return found(PERSON, {
      [service]: mark(
        `${units[0]}, if the release answers in its place: ${proxy} passes requests on. To keep it, register the application's own port`,
      ),
    });
  const ofService = found(`the process at port ${port} of ${first.id}`, { [service]: units[0] });
  if (!tomcat) return ofService;
  const homes = [...new Set([first, ...others].map(({ view }) => view.tomcat?.home ?? 'none'))];
  return [
    ...ofService,
    ...(homes.length === 1
      ? found(`catalina.home on ${first.id}`, { 'app.kind': 'tomcat', 'app.home': tomcat.home })
      : found(PERSON, { 'app.kind': 'tomcat', 'app.home': mark(`Tomcat's folder, the same on each server: now ${listed(homes)}`) })),
    ...found(`the Java of ${units[0]}`, {
      'app.javaHome': java?.home,
      'app.leastJava': Number(java?.version) < USUAL_JAVA ? java?.version : undefined,
    }),
    ...found('the health check of the target group', {
      'app.health.loadBalancer': targetGroup.HealthCheckPath,
      'app.health.status': targetGroup.Matcher?.HttpCode,
    }),
    ...found('what keeps its sessions stays in the WAR or its Tomcat', { 'app.sessionManager': store && 'application' }),
  ];
}

function ofSessions({ facts: { attributes }, store }: FleetInput): readonly Found[] {
  const sticky = isSticky(attributes);
  if (store === undefined)
    return sticky
      ? [
          ...found('stickiness of the target group, without --store', { strategy: 'sticky' }),
          ...found(PERSON, {
            'existing.drainTargetGroupArn': mark('an empty target group like this one, without stickiness (docs/sessions-in-memory.md)'),
            'existing.drainRuleArn': mark("the rule directly above the fleet's own, which forwards to that group"),
          }),
        ]
      : found(PERSON, {
          strategy: mark(
            'redis, with a store that Holdfast creates (begin again with --store GROUP for one that is there), or sticky: sessions in memory',
          ),
        });
  const [{ keyPrefix, framework } = {}] = partOf(store).store?.sessions ?? [];
  return [
    ...found('--store', { strategy: 'redis' }),
    ...found('stickiness of the target group', { stickiness: sticky || undefined }),
    ...found(String(keyPrefix).startsWith(FILL_IN) ? PERSON : '--key-prefix', { 'sessions.keyPrefix': keyPrefix }),
    ...found('--framework', { 'sessions.framework': framework }),
    ...applicationOf(store.facts),
  ];
}

/** How the servers sign in, where they do. */
function applicationOf(store: StoreFacts): readonly Found[] {
  if (possibleAuths(store).includes('none')) return [];
  const { userGroupId, users } = store;
  const names = users.filter(({ on, authentication }) => on && authentication === 'password').map(({ userName }) => userName);
  const userName = 'sessions.application.userName';
  return [
    ...(userGroupId === undefined
      ? []
      : names.length === 1
        ? found(`the only user of ${userGroupId} with a password`, { [userName]: names[0] })
        : found(PERSON, { [userName]: mark(`the servers' user in the store: ${listed(names) || 'none has a password yet'}`) })),
    ...found(PERSON, {
      'sessions.application.secretArn': mark('the secret with the password of the servers, arn:…:secretsmanager:…, JSON with "password"'),
    }),
  ];
}

const delayOf = ({ attributes }: FleetFacts): number => Number(attributes['deregistration_delay.timeout_seconds'] ?? 300);
const isShort = (delay: number): boolean =>
  findUnfitTime(withDerived(deploySettings.parse({ deregistrationDelaySeconds: delay }))) !== undefined;
const DELAY_KEY = 'deploy.deregistrationDelaySeconds';

function ofDeploy(facts: FleetFacts): readonly Found[] {
  const delay = delayOf(facts);
  const servers = facts.servers.length;
  return [
    ...(isShort(delay)
      ? found('the least that suits a drain', { [DELAY_KEY]: DEFAULT_ADDRESS_DELAY_SECONDS })
      : found('the deregistration delay of the target group', { [DELAY_KEY]: delay })),
    // A deploy keeps two others healthy by default.
    ...found(`the number of servers, ${servers}`, { 'deploy.minimumHealthyTargets': servers < 3 ? servers - 1 : undefined }),
  ];
}

function shortDelay(facts: FleetFacts): readonly string[] {
  const delay = delayOf(facts);
  if (!isShort(delay)) return [];
  const change = `aws elbv2 modify-target-group-attributes --target-group-arn ${facts.targetGroup.TargetGroupArn} --attributes Key=deregistration_delay.timeout_seconds,Value=${DEFAULT_ADDRESS_DELAY_SECONDS}`;
  return [`The deregistration delay of the target group, ${delay} s, is too short for a drain: ${change}`];
}

function oldAgents({ servers }: FleetFacts): readonly string[] {
  const { minimumAgentVersion: least } = deploySettings.parse({});
  const old = servers.filter(({ agent }) => compareAgentVersion(agent.AgentVersion ?? '', least) < 0).map(({ nodeId }) => nodeId);
  return old.length === 0 ? [] : [`The agent of Systems Manager is older than ${least} on ${listed(old)}: update it (AWS-UpdateSSMAgent).`];
}

function unreadText(asked: ServerViews | string): string {
  if (typeof asked === 'string') return asked;
  const [id, why] = [...asked].find(([, view]) => typeof view === 'string') ?? [];
  return `${id} did not show it: ${why}`;
}

function notesOn({ targetGroup, loadBalancer, routes, sharedWith, servers, securityGroups }: FleetFacts): readonly string[] {
  const { HealthCheckPort: port = 'traffic-port' } = targetGroup;
  const others = listed(sharedWith.map((arn) => arn.split('/')[1] ?? arn));
  return [
    `${loadBalancer.LoadBalancerName} sends requests by ${listed(routes)}.`,
    ...(others === '' ? [] : [`The same rules send requests to ${others} too, whose servers no deploy of this fleet changes.`]),
    ...(port === 'traffic-port' ? [] : [`Health checks go to port ${port}: a release has to answer there, or set it to traffic-port.`]),
    ...(servers.length === 1 ? ['There is one server: while it is deployed nothing serves.'] : []),
    ...(servers.length === 2 ? ['There are two servers: while one is deployed the other serves alone.'] : []),
    ...(securityGroups.length === 0 ? ['The servers share no security group, so that nothing checks the store from where they are.'] : []),
    ...(securityGroups.length > 1
      ? [`The servers share ${securityGroups.length} security groups: the one that lets requests in was taken.`]
      : []),
  ];
}

const OLDEST_PYTHON = 9;
const isOld = ({ python }: ServerView): boolean => Number(python.split('.')[1]) < OLDEST_PYTHON;

function notesOnViews(views: readonly Read[], { facts, asked, store }: FleetInput): readonly string[] {
  const old = views.filter(({ view }) => isOld(view)).map(({ id }) => id);
  const connected = views.filter(({ view }) => view.connected).length;
  const others = listed([...new Set(views.flatMap(({ view }) => view.others))]);
  const elsewhere = others === '' ? '' : `, and they are connected to ${others}`;
  return [
    ...(views.length < facts.servers.length ? [`${views.length} of ${facts.servers.length} servers were read: ${unreadText(asked)}.`] : []),
    ...(old.length === 0 ? [] : [`Python is older than 3.${OLDEST_PYTHON} on ${listed(old)}, and deploys need it.`]),
    ...(store === undefined && others !== ''
      ? [`The servers are connected to ${others}: for sessions there, begin again with --store.`]
      : []),
    ...(store && connected > 0 ? [`${connected} of ${views.length} servers are connected to ${store.facts.id}${elsewhere}.`] : []),
    ...(store && connected === 0 && views.length > 0
      ? [`No server is connected to ${store.facts.id} at the moment${elsewhere}: make sure that its sessions are in this store.`]
      : []),
  ];
}

function nested(all: readonly Found[]): Readonly<Record<string, unknown>> {
  const config: Record<string, unknown> = {};
  for (const { key, value } of all) {
    const path = key.split('.');
    const below = path.slice(0, -1).reduce((at, name) => {
      at[name] = at[name] ?? {};
      return at[name] as Record<string, unknown>;
    }, config);
    below[path.at(-1) ?? ''] = value;
  }
  return config;
}
