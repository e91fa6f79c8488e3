/** The configuration that `holdfast init --existing --target-group` writes: values with where they were found, marks where a person decides. Pure. */
import { withDerived } from '../../../functions/deploy/settings/read-settings.ts';
import { deploySettings } from '../../../functions/deploy/settings/settings.ts';
import { DEFAULT_ADDRESS_DELAY_SECONDS, findUnfitTime } from '../../../functions/instance/drain-times.ts';
import { compareAgentVersion } from '../../../functions/instance/slice-parameters.ts';
import { isSticky } from '../../../functions/shared/aws/attributes-reader.ts';
import { isRecord } from '../../../functions/shared/json.ts';
import { placeOf } from '../../../infra/config/aws-names.ts';
import { FILL_IN } from '../../../infra/config/explain-issue.ts';
import { possibleAuths } from '../existing-store/choose-sign-in.ts';
import { quoted, type StoreConfig } from '../existing-store/store-config.ts';
import type { StoreFacts } from '../existing-store/store-facts.ts';
import type { ServerView } from './ask-servers.ts';
import { listed, refuse, unique, unusableViews } from './judge-fleet.ts';
import { type FleetFacts, profileOf } from './read-fleet.ts';

export interface FleetInput {
  readonly facts: FleetFacts;
  /** A text has the reason why a server was not read. */
  readonly asked: readonly (ServerView | string)[];
  /** What `--store` names, and what its own init would write. */
  readonly store: { readonly store: StoreFacts; readonly found: StoreConfig } | undefined;
  readonly fleet: string;
  readonly installation?: string | undefined;
}

const isMark = (value: unknown): boolean => typeof value === 'string' && value.startsWith(FILL_IN);
const mark = (what: string): string => `${FILL_IN}${what}`;

/** What every server has, or a mark where they differ. */
function same(what: string, values: readonly (string | null | undefined)[]): string | undefined {
  const different = unique(values.map((value) => value ?? 'none'));
  return different.length > 1 ? mark(`${what}, the same on each server: now ${listed(different)}`) : (values[0] ?? undefined);
}

/**
 * @returns `found` has each value by its key, dots between keys, and the rest of a line: where it is from; `missing` what to do before a
 * deploy can work, as sentences
 * @throws CommandFailure UnusableFleet for servers that Holdfast cannot roll
 */
export function fleetConfig({ facts, asked, store: ofStore, fleet, installation }: FleetInput) {
  const { targetGroup, servers, loadBalancer, port, attributes } = facts;
  const views = asked.filter((view) => typeof view !== 'string');
  const unread = asked.find((view) => typeof view === 'string');
  refuse(unusableViews(views, port));
  const { region, account } = placeOf(targetGroup.TargetGroupArn ?? '');
  const own = unique(servers.flatMap(({ instance }) => instance?.SubnetId || []));
  const web = own.length > 1 ? own : unique([...own, ...(loadBalancer.AvailabilityZones ?? []).flatMap(({ SubnetId = [] }) => SubnetId)]);
  const { network, store, sweep } = ofStore?.found.config ?? {};
  const userName = ofStore?.found.newUser;
  const delay = Number(attributes['deregistration_delay.timeout_seconds'] ?? 300);
  // The target group's, unless no drain ends within it.
  const unfit = findUnfitTime(withDerived(deploySettings.parse({ deregistrationDelaySeconds: delay })));
  const fit = unfit ? DEFAULT_ADDRESS_DELAY_SECONDS : delay;
  const change = `aws elbv2 modify-target-group-attributes --region ${region} --target-group-arn ${quoted(targetGroup.TargetGroupArn ?? '')} --attributes Key=deregistration_delay.timeout_seconds,Value=${fit}`;
  const config = {
    $schema: './node_modules/holdfast/holdfast.schema.json',
    installation,
    account,
    region,
    network: { existing: { vpcId: targetGroup.VpcId, webSubnetIds: web, storeSubnetIds: network?.existing.storeSubnetIds ?? web } },
    store: store && { existing: { ...store.existing, ...(userName !== undefined && { userName }) } },
    sweep,
    fleets: {
      [fleet]: {
        port,
        ...membersOf(facts),
        ...sessionsOf(isSticky(attributes), ofStore?.store, store?.sessions[0]),
        existing: {
          targetGroupArn: targetGroup.TargetGroupArn,
          loadBalancerArn: loadBalancer.LoadBalancerArn,
          ...membersOf(facts).existing,
          ...(isSticky(attributes) && !store && DRAIN),
          instanceRoleName: same('their role', facts.roleNames) ?? mark('the role of the servers, without its path'),
          instanceSecurityGroupId: facts.securityGroupId,
          replacesService: serviceOf(views[0]) ?? mark(`the systemd service at port ${port}, such as tomcat.service (${unread})`),
        },
        app: proxyOf(views[0]) === undefined ? tomcatOf(views, targetGroup, store !== undefined) : undefined,
        // A deploy keeps two others healthy by default.
        deploy: { deregistrationDelaySeconds: fit, minimumHealthyTargets: servers.length < 3 ? servers.length - 1 : undefined },
      },
    },
  };
  const all = leavesOf(config).filter(([key, value]) => value !== undefined && key !== '$schema' && !isMark(value));
  return {
    config,
    found: all.map(([key, value]) => ({ key, value, from: originOf(key.replace(/^fleets\.[^.]+\./, '')) })),
    missing: [
      ...(unfit ? [`The deregistration delay, ${delay} s, is too short for a drain: ${change}`] : []),
      ...missingOf(facts, views, ofStore?.store),
      ...(ofStore?.found.missing ?? []),
    ],
    notes: [
      ...(unread === undefined ? [] : [`${views.length} of ${servers.length} servers were read: ${unread}.`]),
      ...notesOf(facts, views, ofStore?.store),
      ...(ofStore?.found.notes ?? []),
    ],
  };
}

const leavesOf = (value: object, path = ''): readonly (readonly [string, unknown])[] =>
  Object.entries(value).flatMap(([key, below]) =>
    isRecord(below) ? leavesOf(below, `${path}${key}.`) : [[`${path}${key}`, below] as const],
  );

/** By what a key begins with; the first that fits. */
const ORIGINS: Readonly<Record<string, string>> = {
  installation: '--installation',
  network: 'the target group, its servers, their load balancer and the store',
  store: 'the replication group',
  sweep: 'init: a person reads a report before a sweep changes a key',
  'existing.loadBalancerArn': 'the load balancer',
  'existing.instanceRoleName': 'the instance profile of the servers',
  'existing.instanceSecurityGroupId': 'a security group of every server',
  'app.health': 'the health check of the target group',
  'app.sessionManager': 'init: the WAR keeps the manager that it has',
  app: 'the process at the port of the servers',
  'existing.replacesService': 'the process at the port of the servers',
  'deploy.minimumHealthyTargets': 'the number of servers',
  'sessions.application': 'the only user of the store with a password',
  sessions: 'the options',
};

const originOf = (key: string): string => Object.entries(ORIGINS).find(([begin]) => key.startsWith(begin))?.[1] ?? 'the target group';

function membersOf({ targetGroup, servers, group }: FleetFacts): { readonly members?: string; readonly existing: object } {
  if (group !== undefined) return { existing: { autoScalingGroupName: group.AutoScalingGroupName } };
  if (targetGroup.TargetType === 'instance')
    return { members: 'instances', existing: { instanceIds: servers.map(({ nodeId }) => nodeId) } };
  const nodes = servers.map(({ nodeId, target: { Id: ip, Port: port, AvailabilityZone } }) => ({
    ...{ nodeId, ip, port, availabilityZone: AvailabilityZone === 'all' ? 'all' : undefined },
  }));
  return { members: 'ip', existing: { nodes } };
}

/** Programs that pass requests on to an application behind them. */
const PROXIES = ['nginx', 'haproxy', 'envoy', 'httpd', 'apache2', 'caddy', 'traefik'];
const proxyOf = (view: ServerView | undefined) => view?.programs.find((name) => PROXIES.includes(name));

function serviceOf(view: ServerView | undefined): string | undefined {
  const proxy = proxyOf(view);
  if (proxy === undefined) return view?.units[0];
  return mark(
    `${view?.units[0]}, if the release answers in its place; to keep ${proxy}, register the application's port, or deploy bundles (docs/from-codedeploy.md)`,
  );
}

/** The oldest for which the configuration needs no key. */
const USUAL_JAVA = 17;
const READY = mark('a page that shows a session kept in the store; a <Manager> of conf/context.xml belongs into app.conf (docs/tomcat.md)');

function tomcatOf(views: readonly ServerView[], { HealthCheckPath: path, Matcher }: FleetFacts['targetGroup'], hasStore: boolean) {
  if (!views[0]?.tomcat) return undefined;
  const folder = nameOf(views);
  const least = Math.min(...views.map(({ java }) => java?.version ?? USUAL_JAVA));
  return {
    kind: 'tomcat',
    home: same(
      "Tomcat's folder",
      views.map(({ tomcat }) => tomcat?.home),
    ),
    javaHome: same(
      'the folder of Java',
      views.map(({ java }) => java?.home),
    ),
    leastJava: least < USUAL_JAVA ? least : undefined,
    javaOptions: flagsOf(views),
    health: {
      loadBalancer:
        folder === undefined ? path : mark(`what answers to health checks in a release, which is at /: now ${path} of /${folder}`),
      status: Matcher?.HttpCode,
      ready: hasStore ? READY : undefined,
    },
    sessionManager: hasStore ? 'application' : undefined,
  };
}

/** The path of the only application, if it is not at /. */
const nameOf = (views: readonly ServerView[]): string | undefined =>
  views
    .flatMap(({ tomcat }) => tomcat?.applications ?? [])
    .find((name) => name !== 'ROOT')
    ?.replaceAll('#', '/');

/** Of today's Java, as far as all servers agree. */
function flagsOf(views: readonly ServerView[]): readonly string[] | undefined {
  const flags = (views[0]?.tomcat?.flags ?? []).filter((flag) => views.every(({ tomcat }) => tomcat?.flags.includes(flag)));
  return flags.length > 0 ? flags : undefined;
}

const DRAIN = {
  drainTargetGroupArn: mark('an empty target group like this one, without stickiness (docs/sessions-in-memory.md)'),
  drainRuleArn: mark("the rule directly above the fleet's own, which forwards to that group"),
};
const CREATED = 'redis, with a store that Holdfast creates (begin again with --store GROUP for one that is there), or sticky: in memory';

function sessionsOf(sticky: boolean, store: StoreFacts | undefined, session: object | undefined): object {
  if (store === undefined) return { strategy: sticky ? 'sticky' : mark(CREATED) };
  const names = store.users.filter(({ on, authentication }) => on && authentication === 'password').map(({ userName }) => userName);
  const secret = 'the secret with the password of the servers, arn:…:secretsmanager:…, JSON with "password"';
  const both = mark(
    `{ "userName", "secretArn" }: the servers' user in the store (${listed(names) || 'none has a password yet'}), and ${secret}`,
  );
  const isKnown = store.userGroupId === undefined || names.length === 1;
  const application = isKnown ? { userName: names[0], secretArn: mark(secret) } : both;
  const sessions = { ...session, application: needsPassword(store) ? application : undefined };
  return { strategy: 'redis', stickiness: sticky || undefined, sessions };
}

const needsPassword = (store: StoreFacts): boolean => !possibleAuths(store).includes('none');

/** Of those with a true condition. */
const sentences = (all: readonly (readonly [boolean, string])[]): readonly string[] => all.flatMap(([holds, text]) => (holds ? text : []));

function missingOf(
  { servers, port, targetGroup }: FleetFacts,
  views: readonly ServerView[],
  store: StoreFacts | undefined,
): readonly string[] {
  const idsOf = (all: readonly { readonly nodeId?: string; readonly id?: string }[]) =>
    listed(all.map(({ nodeId, id = '' }) => nodeId ?? id));
  const { minimumAgentVersion: least } = deploySettings.parse({});
  const agents = idsOf(servers.filter(({ agent }) => compareAgentVersion(agent?.AgentVersion ?? '', least) < 0));
  const profiles = idsOf(servers.filter((server) => server.instance && profileOf(server) === undefined));
  const closed = listed(unique(views.flatMap((view) => view.closed)));
  const { HealthCheckPort: asked = 'traffic-port', HealthCheckProtocol: protocol = 'HTTP' } = targetGroup;
  const elsewhere = !['traffic-port', String(port)].includes(asked) || protocol !== 'HTTP';
  const clis = idsOf(views.filter(({ aws }) => store !== undefined && needsPassword(store) && !aws));
  return sentences([
    [agents !== '', `The agent of Systems Manager is older than ${least} on ${agents}: update it (AWS-UpdateSSMAgent).`],
    [profiles !== '', `No instance profile is on ${profiles}: attach one, whose role has AmazonSSMManagedInstanceCore.`],
    [
      closed !== '',
      `The user of a release's service cannot read ${closed}: let others read them and their folders (chmod a+rX), and have them outside of /home and /root.`,
    ],
    [
      elsewhere && views.some(({ tomcat }) => tomcat),
      `The health check asks by ${protocol} at ${asked}, and a release listens at ${port} by HTTP alone: change the check, or put its connector into server.xml of app.conf.`,
    ],
    [clis !== '', `The AWS CLI, with which servers read their password, is missing on ${clis}: install it.`],
  ]);
}

function notesOf({ loadBalancer, listeners }: FleetFacts, views: readonly ServerView[], store: StoreFacts | undefined): readonly string[] {
  const ways = listeners.flatMap(({ protocol, port, routes: { rules, forwardsByDefault } }) => {
    const own = rules
      .filter(({ forwards }) => forwards)
      .map(({ priority, hosts, paths }) => [priority, ...hosts.flat(), ...paths.flat()].join(' '));
    return [...own, ...(forwardsByDefault ? ['default'] : [])].map((rule) => `${protocol}:${port} (${rule})`);
  });
  const shared = listed(unique(listeners.flatMap(({ alsoForwardsTo }) => alsoForwardsTo)).map((arn) => arn.split('/')[1] ?? arn));
  const connected = views.filter((view) => view.connected).length;
  const others = listed(unique(views.flatMap((view) => view.others)));
  const elsewhere = others === '' ? '' : `, and they are connected to ${others}`;
  const check = connected === 0 ? ': make sure that its sessions are in this store' : '';
  const folder = nameOf(views);
  const tomcats = views.flatMap(({ tomcat }) => tomcat ?? []);
  const properties = unique(tomcats.flatMap((tomcat) => tomcat.properties)).map((name) => `-D${name}`);
  const { units: [unit] = [], processes = 0 } = views.find((view) => view.processes > 1) ?? {};
  return sentences([
    [true, `${loadBalancer.LoadBalancerName} sends requests by the rules ${listed(ways)}.`],
    [shared !== '', `The same rules send requests to ${shared} too, whose servers no deploy of this fleet changes.`],
    [folder !== undefined, `Today the application is at /${folder}, and a release is at /: links to /${folder} need a redirect.`],
    [views.length === 0, 'No server was read: for WARs in a Tomcat write app as well (docs/tomcat.md).'],
    [
      tomcats.length > 0,
      `A release has nothing of today's conf, setenv.sh and variables${properties.length > 0 ? `, as ${listed(properties)}` : ''}: what it needs is named in app and environment (docs/tomcat.md).`,
    ],
    [processes > 1, `${unit} has ${processes} other processes, which the first deploy stops with it.`],
    [store === undefined && others !== '', `The servers are connected to ${others}: for sessions there, begin again with --store.`],
    [store !== undefined && views.length > 0, `${connected} of ${views.length} servers are connected to ${store?.id}${elsewhere}${check}.`],
  ]);
}
