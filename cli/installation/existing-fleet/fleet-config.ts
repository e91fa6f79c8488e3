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
import type { ServerViews } from './ask-servers.ts';
import { type FleetFacts, listed, type Server, subnetsOf } from './fleet-facts.ts';
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
  readonly asked: ServerViews;
  readonly store: FoundStore | undefined;
  readonly fleet: string;
  readonly installation?: string | undefined;
}

const PERSON = 'a person';
const mark = (what: string): string => `${FILL_IN}${what}`;
const found = (from: string, values: Readonly<Record<string, unknown>>): readonly Found[] =>
  Object.entries(values).flatMap(([key, value]) => {
    if (value === undefined) return [];
    return { key, value, from: typeof value === 'string' && value.startsWith(FILL_IN) ? PERSON : from };
  });

/** @throws CommandFailure UnusableFleet for servers that Holdfast cannot roll */
export function fleetConfig(input: FleetInput): FleetConfigText {
  const { facts, asked, store, fleet } = input;
  const views = [...asked].flatMap(([id, view]) => (typeof view === 'string' ? [] : { id, view }));
  judgeViews(views, facts.port);
  const ofFleet = [...ofServers(facts), ...ofViews(views, input), ...ofSessions(input)];
  const all = [...ofInstallation(input), ...ofFleet.map((one) => ({ ...one, key: `fleets.${fleet}.${one.key}` }))];
  return {
    config: nested([...found('', { $schema: './node_modules/holdfast/holdfast.schema.json' }), ...all]),
    found: all.filter(({ from }) => from !== PERSON),
    missing: [...shortDelay(facts), ...oldAgents(facts), ...(store?.written.missing ?? [])],
    notes: [...notesOn(facts), ...notesOnViews(views, input), ...(store?.written.notes ?? [])],
  };
}

/** What `init --store` writes, as far as it is used here. */
interface StorePart {
  readonly network?: { readonly existing: { readonly storeSubnetIds: readonly string[] } };
  readonly store?: {
    readonly existing: object;
    readonly sessions: readonly [{ readonly keyPrefix?: string; readonly framework?: string }];
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
  const { network, store: { existing = {} } = {}, sweep } = partOf(store);
  const { newUser } = store?.written ?? {};
  const ofStore = Object.entries({ ...existing, ...(newUser !== undefined && { userName: newUser }) });
  return [
    ...found('--installation', { installation }),
    ...found("the target group's ARN", { account, region }),
    ...found('the target group', { 'network.existing.vpcId': targetGroup.VpcId }),
    ...found('the servers, or with the load balancer', { 'network.existing.webSubnetIds': web }),
    ...found(network ? 'those with a way to the store' : 'the same', {
      'network.existing.storeSubnetIds': network?.existing.storeSubnetIds ?? web,
    }),
    ...ofStore.flatMap(([key, value]) => found(`replication group ${store?.facts.id}`, { [`store.existing.${key}`]: value })),
    ...found('init: a person reads a report before a sweep changes a key', { 'sweep.policy': sweep?.policy }),
  ];
}

function ofServers(facts: FleetFacts): readonly Found[] {
  const { targetGroup, loadBalancer, servers, roleNames, securityGroups } = facts;
  const roles = [...new Set(roleNames)];
  const role = roles.length === 1 ? roles[0] : undefined;
  const several = roles.length > 1 ? `: they have ${listed(roles.map((name) => name ?? 'none'))}, and a fleet has one` : '';
  return [
    ...found('--target-group', { 'existing.targetGroupArn': targetGroup.TargetGroupArn }),
    ...found('its load balancer', { 'existing.loadBalancerArn': loadBalancer.LoadBalancerArn }),
    ...found('its targets', { port: facts.port, ...membersOf(facts) }),
    ...found('the instance profile of the servers', {
      'existing.instanceRoleName': role ?? mark(`the role of the servers, without its path${several}`),
    }),
    ...found(`security group ${securityGroups[0]?.GroupName} of every server`, {
      'existing.instanceSecurityGroupId': securityGroups[0]?.GroupId,
    }),
    ...found(`the deregistration delay, ${delayOf(facts)} s`, { 'deploy.deregistrationDelaySeconds': fitDelayOf(facts) }),
    // A deploy keeps two others healthy by default.
    ...found(`${servers.length} servers`, { 'deploy.minimumHealthyTargets': servers.length < 3 ? servers.length - 1 : undefined }),
  ];
}

function membersOf({ targetGroup, servers, group }: FleetFacts): Readonly<Record<string, unknown>> {
  if (group !== undefined) return { 'existing.autoScalingGroupName': group.AutoScalingGroupName };
  if (targetGroup.TargetType === 'instance') return { members: 'instances', 'existing.instanceIds': servers.map(({ nodeId }) => nodeId) };
  const nodeOf = ({ nodeId, target: { Id: ip, Port: port, AvailabilityZone: availabilityZone } }: Server) =>
    availabilityZone === 'all' ? { nodeId, ip, port, availabilityZone } : { nodeId, ip, port };
  return { members: 'ip', 'existing.nodes': servers.map(nodeOf) };
}

/** Programs that pass requests on to an application behind them. */
const PROXIES = ['nginx', 'haproxy', 'envoy', 'httpd', 'apache2', 'caddy', 'traefik'];
/** The oldest for which the configuration needs no key. */
const USUAL_JAVA = 17;

function ofViews(views: readonly Read[], { facts: { targetGroup, port }, asked, store }: FleetInput): readonly Found[] {
  const { id, view: { units = [], programs = [], tomcat = undefined, java = undefined } = {} } = views[0] ?? {};
  const proxy = programs.find((name) => PROXIES.includes(name));
  const replacesService =
    id === undefined
      ? mark(`the systemd service at port ${port} of the servers, such as tomcat.service (${whyUnread(asked)})`)
      : proxy === undefined
        ? units[0]
        : mark(
            `${units[0]}, if the release answers in its place. To keep ${proxy}, which passes requests on, register the application's port`,
          );
  const homes = [...new Set(views.map(({ view }) => view.tomcat?.home ?? 'none'))];
  const home = homes.length === 1 ? homes[0] : mark(`Tomcat's folder, the same on each server: now ${listed(homes)}`);
  return [
    ...found(`the process at port ${port} of ${id}`, { 'existing.replacesService': replacesService }),
    ...(!tomcat || proxy !== undefined
      ? []
      : [
          ...found(`the process of ${units[0]} on ${id}`, {
            ...{ 'app.kind': 'tomcat', 'app.home': home, 'app.javaHome': java?.home },
            'app.leastJava': Number(java?.version) < USUAL_JAVA ? java?.version : undefined,
          }),
          ...found('the health check of the target group', {
            ...{ 'app.health.loadBalancer': targetGroup.HealthCheckPath, 'app.health.status': targetGroup.Matcher?.HttpCode },
          }),
          ...found('init: the WAR or its Tomcat keeps the manager that it has', { 'app.sessionManager': store && 'application' }),
        ]),
  ];
}

const CREATED = 'redis, with a store that Holdfast creates (begin again with --store GROUP for one that is there), or sticky: in memory';
const DRAIN_GROUP = 'an empty target group like this one, without stickiness (docs/sessions-in-memory.md)';
const DRAIN_RULE = "the rule directly above the fleet's own, which forwards to that group";

function ofSessions({ facts: { attributes }, store }: FleetInput): readonly Found[] {
  const sticky = isSticky(attributes);
  if (store === undefined)
    return found('stickiness of the target group, without --store', {
      strategy: sticky ? 'sticky' : mark(CREATED),
      ...(sticky && { 'existing.drainTargetGroupArn': mark(DRAIN_GROUP), 'existing.drainRuleArn': mark(DRAIN_RULE) }),
    });
  const [session] = partOf(store).store?.sessions ?? [];
  return [
    ...found('--store', { strategy: 'redis' }),
    ...found('stickiness of the target group', { stickiness: sticky || undefined }),
    ...found('the options', { 'sessions.keyPrefix': session?.keyPrefix, 'sessions.framework': session?.framework }),
    ...(possibleAuths(store.facts).includes('none') ? [] : applicationOf(store.facts)),
  ];
}

/** How the servers sign in. */
function applicationOf({ userGroupId, users }: StoreFacts): readonly Found[] {
  const names = users.filter(({ on, authentication }) => on && authentication === 'password').map(({ userName }) => userName);
  const userName = names.length === 1 ? names[0] : mark(`the servers' user in the store: ${listed(names) || 'none has a password yet'}`);
  return found(`the only user of ${userGroupId} with a password`, {
    'sessions.application.userName': userGroupId === undefined ? undefined : userName,
    'sessions.application.secretArn': mark('the secret with the password of the servers, arn:…:secretsmanager:…, JSON with "password"'),
  });
}

const delayOf = ({ attributes }: FleetFacts): number => Number(attributes['deregistration_delay.timeout_seconds'] ?? 300);

/** The target group's, unless no drain ends within it. */
function fitDelayOf(facts: FleetFacts): number {
  const deregistrationDelaySeconds = delayOf(facts);
  const unfit = findUnfitTime(withDerived(deploySettings.parse({ deregistrationDelaySeconds })));
  return unfit ? DEFAULT_ADDRESS_DELAY_SECONDS : deregistrationDelaySeconds;
}

function shortDelay(facts: FleetFacts): readonly string[] {
  const fit = fitDelayOf(facts);
  if (fit === delayOf(facts)) return [];
  const arn = facts.targetGroup.TargetGroupArn ?? '';
  const { region } = placeOf(arn);
  const change = `aws elbv2 modify-target-group-attributes --region ${region} --target-group-arn ${arn} --attributes Key=deregistration_delay.timeout_seconds,Value=${fit}`;
  return [`The deregistration delay, ${delayOf(facts)} s, is too short for a drain: ${change}`];
}

function oldAgents({ servers }: FleetFacts): readonly string[] {
  const { minimumAgentVersion: least } = deploySettings.parse({});
  const old = servers.filter(({ agent }) => compareAgentVersion(agent.AgentVersion ?? '', least) < 0).map(({ nodeId }) => nodeId);
  return old.length === 0 ? [] : [`The agent of Systems Manager is older than ${least} on ${listed(old)}: update it (AWS-UpdateSSMAgent).`];
}

/** Of the first server that was not read. */
const whyUnread = (asked: ServerViews): string =>
  [...asked].flatMap(([id, view]) => (typeof view === 'string' ? `${id}: ${view}` : []))[0] ?? '';

/** Of those with a true condition. */
const sentences = (all: readonly (readonly [boolean, string])[]): readonly string[] => all.flatMap(([holds, text]) => (holds ? text : []));

function notesOn({ targetGroup, loadBalancer, routes, sharedWith, servers, securityGroups }: FleetFacts): readonly string[] {
  const { HealthCheckPort: port = 'traffic-port' } = targetGroup;
  const others = listed(sharedWith.map((arn) => arn.split('/')[1] ?? arn));
  return sentences([
    [true, `${loadBalancer.LoadBalancerName} sends requests by ${listed(routes)}.`],
    [others !== '', `The same rules send requests to ${others} too, whose servers no deploy of this fleet changes.`],
    [port !== 'traffic-port', `Health checks go to port ${port}: a release has to answer there, or set it to traffic-port.`],
    [servers.length < 3, `While one server is deployed, ${servers.length === 1 ? 'nothing serves' : 'the other serves alone'}.`],
    [securityGroups.length === 0, 'The servers share no security group, so that nothing checks the store from where they are.'],
  ]);
}

const OLDEST_PYTHON = 9;

function notesOnViews(views: readonly Read[], { facts: { servers }, asked, store }: FleetInput): readonly string[] {
  const old = listed(views.filter(({ view }) => Number(view.python.split('.')[1]) < OLDEST_PYTHON).map(({ id }) => id));
  const connected = views.filter(({ view }) => view.connected).length;
  const others = listed([...new Set(views.flatMap(({ view }) => view.others))]);
  const elsewhere = others === '' ? '' : `, and they are connected to ${others}`;
  const id = store?.facts.id;
  return sentences([
    [views.length < servers.length, `${views.length} of ${servers.length} servers were read: ${whyUnread(asked)}.`],
    [old !== '', `Python is older than 3.${OLDEST_PYTHON} on ${old}, and deploys need it.`],
    [
      id !== undefined && views.some(({ view }) => view.tomcat),
      "A release has conf files of its own: a manager of sessions in Tomcat's conf/context.xml belongs into a folder that app.conf names (docs/tomcat.md).",
    ],
    [id === undefined && others !== '', `The servers are connected to ${others}: for sessions there, begin again with --store.`],
    [id !== undefined && connected > 0, `${connected} of ${views.length} servers are connected to ${id}${elsewhere}.`],
    [
      id !== undefined && connected === 0 && views.length > 0,
      `No server is connected to ${id} at the moment${elsewhere}: make sure that its sessions are in this store.`,
    ],
  ]);
}

/** `{a: {b: 1}}` of the key `a.b`. */
function nested(all: readonly Found[]): Readonly<Record<string, unknown>> {
  const config: Record<string, unknown> = {};
  for (const { key, value } of all) {
    const path = key.split('.');
    let below = config;
    for (const name of path.slice(0, -1)) {
      below[name] ??= {};
      below = below[name] as Record<string, unknown>;
    }
    below[path.at(-1) ?? ''] = value;
  }
  return config;
}
