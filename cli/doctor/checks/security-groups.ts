import type { SecurityGroupFacts, SecurityRule } from '../facts.ts';
import { type Finding, topic } from '../finding.ts';
import { seen } from '../look.ts';
import type { Check } from './check.ts';

interface Path {
  readonly from: string;
  readonly to: string;
  readonly fromIds: readonly string[];
  readonly toIds: readonly string[];
  readonly port: number;
  readonly why: string;
}

const EVERYONE = ['0.0.0.0/0', '::/0'];

/** The ways that a request, a session and the deploy's look at the store take, by the security groups' rules. */
export const checkSecurityGroups: Check = (facts, subject) => {
  const groups = seen(facts.securityGroups) ?? [];
  if (facts.securityGroups.state === 'blind') return [];
  const servers = unique([...(seen(facts.servers) ?? []).flatMap((server) => server.securityGroupIds), subject.securityGroups.servers]);
  const store = unique([...(seen(facts.store)?.securityGroupIds ?? []), subject.securityGroups.store]);
  const front = unique([...(seen(facts.loadBalancer)?.securityGroupIds ?? []), subject.securityGroups.loadBalancer]);
  const storePort = subject.store.port;
  const paths: Path[] = [
    {
      from: 'load balancer',
      to: 'servers',
      fromIds: front,
      toIds: servers,
      port: subject.port,
      why: 'without it every target is unhealthy',
    },
    { from: 'servers', to: 'store', fromIds: servers, toIds: store, port: storePort, why: 'without it no server can read a session' },
    {
      from: 'store check',
      to: 'store',
      fromIds: seen(facts.storeCheckGroupIds) ?? [],
      toIds: store,
      port: storePort,
      why: 'before each target a deploy asks the store whether it is well; without an answer it stops',
    },
  ];
  // What is not there, or could not be looked at, has a line of its own; what is there always has a group.
  const there: Readonly<Record<string, boolean>> = {
    'load balancer': facts.loadBalancer.state === 'seen',
    servers: facts.servers.state === 'seen',
    store: facts.store.state === 'seen',
    'store check': facts.storeCheckGroupIds.state === 'seen',
  };
  return paths.filter(({ from, to }) => there[from] && there[to]).flatMap((path) => judge(path, groups, subject.local));
};

function judge(path: Path, groups: readonly SecurityGroupFacts[], local: boolean): Finding[] {
  const { from, to, fromIds, toIds, port } = path;
  const about = topic('security-group-path', toIds.join(', ') || path.to, path.why);
  const unseen = [fromIds.length === 0 ? from : [], toIds.length === 0 ? to : []].flat();
  if (unseen.length > 0) {
    const what = `${from} → ${to}, port ${port}: the security groups of the ${unseen.join(' and the ')} were not told${local ? ' by the local emulator' : ''}`;
    return [about.unknown(what, 'look at the rules by hand: aws ec2 describe-security-groups')];
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
    return [
      about.error(
        `${name}: no rule of ${fromIds.join(', ')} lets it out`,
        `add an outbound rule to ${fromIds[0]}: TCP ${port} to ${toIds[0]}`,
      ),
    ];
  }
  if (into === undefined) {
    return [
      about.error(
        `${name}: no rule of ${toIds.join(', ')} lets it in`,
        `add an inbound rule to ${toIds[0]}: TCP ${port} from ${fromIds[0]}`,
      ),
    ];
  }
  if (EVERYONE.includes(into)) {
    return [about.warning(`${name} is open, and to everyone (${into})`, `narrow the inbound rule of ${toIds[0]} to ${fromIds[0]}`)];
  }
  if (into === 'group') return [about.ok(`${name} is open`)];
  return [
    about.notice(
      `${name} is open to ${into}; whether that holds the ${from} is not looked at`,
      `name ${fromIds[0]} in the rule instead of addresses`,
    ),
  ];
}

/** By what the other side is let through: its group, or an address range; undefined when nothing does. */
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
