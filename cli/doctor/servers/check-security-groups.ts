import { type Check, type Findings, topic } from '../finding.ts';
import { known } from '../lookup.ts';
import type { Subject } from '../subject.ts';
import type { SecurityGroupFacts, SecurityRule } from './server-facts.ts';

interface Path {
  readonly from: string;
  readonly to: string;
  readonly fromIds: readonly string[];
  readonly toIds: readonly string[];
  readonly port: number;
  readonly why: string;
}

const EVERYONE = ['0.0.0.0/0', '::/0'];

/** Network paths of requests, sessions and the deploy's store check, by the rules of the security groups. */
export const checkSecurityGroups: Check = (facts, subject) => {
  const groups = known(facts.securityGroups) ?? [];
  if (facts.securityGroups.state === 'unknown') return [];
  const servers = unique([...(known(facts.servers) ?? []).flatMap((server) => server.securityGroupIds), subject.securityGroups.servers]);
  const store = unique([...(known(facts.store)?.securityGroupIds ?? []), subject.securityGroups.store]);
  const front = unique([...(known(facts.loadBalancer)?.securityGroupIds ?? []), subject.securityGroups.loadBalancer]);
  const storePort = subject.store.port;
  const paths: Path[] = [
    {
      from: 'load balancer',
      to: 'servers',
      fromIds: front,
      toIds: servers,
      port: subject.port,
      why: 'without this path every target is unhealthy',
    },
    {
      from: 'servers',
      to: 'store',
      fromIds: servers,
      toIds: store,
      port: storePort,
      why: 'without this path no server can read a session',
    },
    {
      from: 'store check',
      to: 'store',
      fromIds: known(facts.storeCheckGroupIds) ?? [],
      toIds: store,
      port: storePort,
      why: 'a deploy checks the store before each target, and stops if the store does not respond',
    },
    ...clusterPaths(servers, subject),
  ];
  // What does not exist or could not be read has a finding of its own; what exists always has a security group.
  const exists: Readonly<Record<string, boolean>> = {
    'load balancer': facts.loadBalancer.state === 'known',
    servers: facts.servers.state === 'known' && !areOnPremises(facts.memberIds),
    store: facts.store.state === 'known',
    'store check': facts.storeCheckGroupIds.state === 'known',
  };
  return paths.filter(({ from, to }) => exists[from] && exists[to]).flatMap((path) => judge(path, groups, subject));
};

/** On-premises servers are in a network without security groups, so nothing can be checked for them. */
const areOnPremises = (ids: readonly string[]): boolean => ids.length > 0 && ids.every((id) => id.startsWith('mi-'));

/** Between the servers of a Tomcat cluster; those on premises have no security groups. */
function clusterPaths(servers: readonly string[], { cluster }: Pick<Subject, 'cluster'>): Path[] {
  if (servers.length === 0) return [];
  const ports = new Set((cluster?.members ?? []).map((member) => Number(member.split(':')[1])));
  const why = 'without this path sessions are not copied to other servers; anyone else who reaches it can send messages to them';
  return [...ports].map((port) => ({ from: 'servers', to: 'servers', fromIds: servers, toIds: servers, port, why }));
}

function judge(path: Path, groups: readonly SecurityGroupFacts[], { local, awsOptions }: Pick<Subject, 'local' | 'awsOptions'>): Findings {
  const { from, to, fromIds, toIds, port } = path;
  const about = topic('security-group-path', toIds.join(', ') || path.to, path.why);
  const missing = [fromIds.length === 0 ? from : [], toIds.length === 0 ? to : []].flat();
  if (missing.length > 0) {
    const what = `${from} → ${to}, port ${port}: ${local ? 'the local emulator' : 'AWS'} did not return the security groups of the ${missing.join(' and the ')}`;
    return about.unknown(what, `check the rules with aws ec2 describe-security-groups ${awsOptions}`);
  }
  const of = (ids: readonly string[]) => groups.filter(({ id }) => ids.includes(id));
  const out = opening(
    of(fromIds).flatMap(({ egress }) => egress),
    toIds,
    port,
  );
  const into = opening(
    of(toIds).flatMap(({ ingress }) => ingress),
    fromIds,
    port,
  );
  const name = `${from} → ${to}, port ${port}`;
  if (out === undefined) {
    return about.error(
      `${name}: no outbound rule of ${fromIds.join(', ')} allows it`,
      `add an outbound rule to ${fromIds[0]}: TCP ${port} to ${toIds[0]}`,
    );
  }
  if (into === undefined) {
    return about.error(
      `${name}: no inbound rule of ${toIds.join(', ')} allows it`,
      `add an inbound rule to ${toIds[0]}: TCP ${port} from ${fromIds[0]}`,
    );
  }
  if (EVERYONE.includes(into)) {
    return about.warning(`${name} is open to everyone (${into})`, `restrict the inbound rule of ${toIds[0]} to ${fromIds[0]}`);
  }
  if (into === 'group') return about.ok(`${name} is open`);
  return about.notice(
    `${name} is open to ${into}; doctor does not check whether that contains the ${from}`,
    `use ${fromIds[0]} in the rule instead of addresses`,
  );
}

/** What allows the other side: its group, or an address range; undefined if no rule does. */
function opening(rules: readonly SecurityRule[], otherIds: readonly string[], port: number): string | undefined {
  const fitting = rules.filter((rule) => fits(rule, port));
  const ranges = fitting.flatMap((rule) => rule.ranges);
  const everyone = ranges.find((range) => EVERYONE.includes(range));
  if (everyone !== undefined) return everyone;
  if (fitting.some((rule) => rule.groupIds.some((id) => otherIds.includes(id)))) return 'group';
  return ranges[0];
}

function fits({ protocol, fromPort, toPort }: SecurityRule, port: number): boolean {
  if (protocol === '-1') return true;
  if (protocol !== 'tcp' && protocol !== '6') return false;
  return (fromPort ?? 0) <= port && port <= (toPort ?? 65_535);
}

const unique = (ids: readonly (string | undefined)[]): string[] => [...new Set(ids.filter((id) => id !== undefined))];
