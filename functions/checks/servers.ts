/** The servers of a fleet: their Auto Scaling group, their role, and the paths between security groups. */
import { SUSPENDED_PROCESSES } from '../deploy/contract/common.ts';
import { isLockHeld } from '../records/outcome-text.ts';
import { type Check, checksOf, error, type Judged, notice, ok, unknown, warning } from '../shared/check.ts';
import { counted } from '../shared/texts.ts';
import {
  AGENT_ACTIONS,
  type Facts,
  FETCH_ACTION,
  PARAMETER_ACTIONS,
  type SecurityGroupFacts,
  type SecurityRule,
  VARIABLE_ACTIONS,
} from './facts.ts';
import type { Subject } from './subject.ts';

const check = checksOf<Facts>('doctor');
const DEPLOY_ALL = 'run "npx --no cdk deploy --all"';

export const SERVERS: readonly Check<Facts>[] = [
  check('group-size', ['group', 'subject'], {
    what: 'whether the Auto Scaling group leaves enough servers in service',
    why: 'a deploy takes servers out of service, as many at once as deploy.maxParallel allows, and does not start if too few would remain',
    judge({ subject: { settings }, group: { maxSize, minSize, members } }) {
      const { minimumHealthyTargets, maxParallel } = settings;
      const out = typeof maxParallel === 'number' ? maxParallel : 1;
      const needed = minimumHealthyTargets + out;
      const rolled = out === 1 ? 'the one being rolled' : `the ${out} being rolled`;
      const needs = `and a deploy needs ${needed} (minimumHealthyTargets ${minimumHealthyTargets} and ${rolled})`;
      const lower = `or lower deploy.minimumHealthyTargets${out === 1 ? '' : ' or deploy.maxParallel'}`;
      if (maxSize < needed)
        return error(`the group can have at most ${counted(maxSize, 'server')}, ${needs}`, `raise maxCapacity, ${lower}`);
      if (minSize < needed)
        return warning(`the group can shrink to ${counted(minSize, 'server')}, ${needs}`, `raise minCapacity, ${lower}`);
      const inService = members.filter(({ lifecycleState }) => lifecycleState === 'InService').length;
      return ok(`the group has ${counted(inService, 'server')} in service, and a deploy needs ${needed}`);
    },
  }),
  check('suspended-processes', ['group', 'nowMs', 'awsOptions', 'lock?'], {
    what: 'suspended processes of the group',
    why: 'a group with suspended processes does not replace failed servers and does not scale',
    judge({ group: { name, suspendedProcesses }, nowMs, awsOptions, lock }) {
      const suspended = suspendedProcesses.filter((one) => [...SUSPENDED_PROCESSES, 'Launch', 'AddToLoadBalancer'].includes(one));
      if (suspended.length === 0) return ok('no process of the group is suspended');
      if (isLockHeld(lock, nowMs))
        return notice(`a deploy has suspended ${suspended.join(', ')}`, 'none: the deploy resumes them at its end');
      return warning(
        `${suspended.join(', ')} ${suspended.length === 1 ? 'is' : 'are'} suspended, and no deploy is running`,
        `run aws autoscaling resume-processes --auto-scaling-group-name ${name} --scaling-processes ${suspended.join(' ')} ${awsOptions}`,
      );
    },
  }),
  check('group-attached', ['group', 'targetGroup?'], {
    what: "whether the group registers its servers, and uses the load balancer's health checks",
    why: 'the group registers new servers with the load balancer, and replaces servers that fail ELB health checks',
    judge({ group: { targetGroupArns, healthCheckType }, targetGroup }) {
      if (targetGroup && !targetGroupArns.includes(targetGroup.arn))
        return error(
          `the group does not register its servers with target group ${targetGroup.name}`,
          'attach the target group to the Auto Scaling group',
        );
      if (healthCheckType.includes('ELB')) return ok('the group registers its servers and uses the load balancer’s health checks');
      return notice(
        'the group checks only the EC2 status, so a server that runs but does not respond is not replaced',
        'enable ELB health checks',
      );
    },
  }),
  check('warm-pool', ['group'], {
    what: 'a warm pool of the group',
    why: 'a server of a warm pool was prepared some time ago, with the release that was current then',
    judge: ({ group: { warmPool } }) =>
      warmPool &&
      notice(
        `the group has a warm pool of ${counted(warmPool.size, 'server')} (${warmPool.state}): each installs the current release again on its way into service, which takes as long as a launch's install and readiness check`,
        'none',
      ),
  }),
  check('instance-profile', ['servers'], {
    what: 'an instance profile on each server and in the launch template',
    why: 'a server without a role can use neither Systems Manager nor its releases',
    fix: 'attach one with AmazonSSMManagedInstanceCore; "npx --no cdk deploy" adds the permission to read releases',
    judge: ({ servers }) =>
      servers
        .filter(({ instanceProfile }) => instanceProfile === undefined)
        .map(({ name }) => error(`${name} has no instance profile`, undefined, { resource: name })),
  }),
  // By the configuration alone: on a server that was launched before `awsAccess` changed, the earlier setting may still apply.
  check('application-access', ['subject', 'role'], {
    what: "whether the application's process can use the role",
    why: "with its server's credentials, the application's process is the server",
    judge({ subject: { awsAccess, fleet } }) {
      if (!awsAccess) return ok("the application's process cannot use the credentials of its server's role");
      return notice(
        "the application's process can use the credentials of its server's role",
        `if it does not call AWS itself, set fleets.${fleet}.awsAccess to false and run "npx --no cdk deploy --all"; servers change when they are next prepared or replaced`,
      );
    },
  }),
  // A role of Holdfast's denies it; an existing role often allows it, through AmazonSSMManagedInstanceCore, and only its owner should change that.
  check('parameter-reads', ['role', 'subject'], {
    what: 'whether the role can read every parameter of the account',
    why: 'parameters often contain passwords of other systems of the account',
    judge({ subject: { ownRole }, role: { roleName, allowed } }) {
      const readable = PARAMETER_ACTIONS.filter((action) => allowed[action]);
      if (readable.length === 0) return ok(`role ${roleName} is not allowed to read every parameter`);
      const what = `role ${roleName} allows ${readable.join(' and ')} on every parameter`;
      if (ownRole) return warning(what, `${DEPLOY_ALL}: the role then denies it`);
      return notice(
        what,
        'add a statement to it that denies ssm:GetParameter*, unless your own documents, Amazon Inspector or the CloudWatch agent read parameters on these servers',
      );
    },
  }),
  check('instance-profile', ['role'], {
    what: 'whether the role allows the agent to receive commands',
    why: 'the agent signs in to Systems Manager as this role',
    fix: 'attach the policy AmazonSSMManagedInstanceCore to it',
    judge({ role: { roleName, allowed } }) {
      const missing = AGENT_ACTIONS.filter((action) => !allowed[action]);
      if (missing.length === 0) return ok(`role ${roleName} allows the agent to receive commands`);
      return error(`role ${roleName} does not allow ${missing.join(', ')}`);
    },
  }),
  check('release-reads', ['role', 'subject', 'isInstalled?'], {
    what: "whether the role allows reading the fleet's releases",
    why: 'each server downloads its releases itself',
    judge({ subject: { fleet, releasesBucket }, role: { roleName, allowed }, isInstalled }) {
      if (allowed[FETCH_ACTION]) return ok(`role ${roleName} allows reading the releases of ${fleet}`);
      if (isInstalled === false)
        return notice(`role ${roleName} does not allow reading releases yet`, 'none: "npx --no cdk deploy --all" adds it');
      return error(
        `role ${roleName} does not allow ${FETCH_ACTION} on ${releasesBucket}/${fleet}/*`,
        `${DEPLOY_ALL}, and check for a policy that denies it or a permissions boundary`,
      );
    },
  }),
  check('environment', ['role', 'subject'], {
    what: "whether the role allows reading what the fleet's `environment` names",
    why: 'each start of the application reads it; a server that has not read it before does not start',
    judge({ subject: { variables }, role: { roleName, allowed } }) {
      if (variables.parameters.length === 0) return undefined;
      const unreadable = [...variables.parameters, ...variables.secrets].filter((arn) => allowed[arn] === false);
      if (unreadable.length === 0) return ok(`role ${roleName} allows reading the fleet's variables`);
      return error(
        `role ${roleName} does not allow reading ${unreadable.join(', ')}`,
        `${DEPLOY_ALL}; to a role that the configuration does not name, add ${Object.values(VARIABLE_ACTIONS).join(' and ')} on them, and kms:Decrypt where their key is your own`,
      );
    },
  }),
  // What does not exist or could not be read has a finding of its own; what exists always has a security group.
  check('security-group-path', ['subject', 'securityGroups', 'memberIds', 'servers?', 'store?', 'loadBalancer?', 'storeCheckGroupIds?'], {
    what: "paths of requests, sessions and the deploy's store check, by the rules of the security groups",
    judge({ subject, securityGroups, memberIds, servers, store, loadBalancer, storeCheckGroupIds }) {
      const named = subject.securityGroups;
      // On-premises servers are in a network without security groups, so nothing can be checked for them.
      const areOnPremises = memberIds.length > 0 && memberIds.every((id) => id.startsWith('mi-'));
      const ofServers = unique([...(servers ?? []).flatMap((one) => one.securityGroupIds), named.servers]);
      const those = servers && !areOnPremises && side('servers', ofServers);
      const front = loadBalancer && side('load balancer', unique([...loadBalancer.securityGroupIds, named.loadBalancer]));
      const ofStore = store && side('store', unique([...store.securityGroupIds, named.store]));
      const storeCheck = storeCheckGroupIds && side('store check', storeCheckGroupIds);
      const { port: storePort } = subject.store;
      const paths: readonly (readonly [from: Side | false | undefined, to: Side | false | undefined, port: number, why: string])[] = [
        [front, those, subject.port, 'without this path every target is unhealthy'],
        [those, ofStore, storePort, 'without this path no server can read a session'],
        [storeCheck, ofStore, storePort, 'a deploy checks the store before each target, and stops if the store does not respond'],
      ];
      return paths.flatMap(([from, to, port, why]) => (from && to ? judgePath({ from, to, port, why }, securityGroups, subject) : []));
    },
  }),
];

const EVERYONE = ['0.0.0.0/0', '::/0'];

interface Side {
  readonly name: string;
  readonly ids: readonly string[];
}
const side = (name: string, ids: readonly string[]): Side => ({ name, ids });

interface Path {
  readonly from: Side;
  readonly to: Side;
  readonly port: number;
  readonly why: string;
}

function judgePath({ from, to, port, why }: Path, groups: readonly SecurityGroupFacts[], { local, awsOptions }: Subject): Judged {
  const about = { resource: to.ids.join(', ') || to.name, why };
  const name = `${from.name} → ${to.name}, port ${port}`;
  const [source, target] = [from.ids[0], to.ids[0]];
  const missing = [from, to].filter(({ ids }) => ids.length === 0).map((one) => one.name);
  if (missing.length > 0)
    return unknown(
      `${name}: ${local ? 'the local emulator' : 'AWS'} did not return the security groups of the ${missing.join(' and the ')}`,
      `check the rules with aws ec2 describe-security-groups ${awsOptions}`,
      about,
    );
  const rulesOf = ({ ids }: Side, kind: 'ingress' | 'egress') => groups.filter(({ id }) => ids.includes(id)).flatMap((one) => one[kind]);
  if (opening(rulesOf(from, 'egress'), to.ids, port) === undefined)
    return error(
      `${name}: no outbound rule of ${from.ids.join(', ')} allows it`,
      `add an outbound rule to ${source}: TCP ${port} to ${target}`,
      about,
    );
  const into = opening(rulesOf(to, 'ingress'), from.ids, port);
  if (into === undefined)
    return error(
      `${name}: no inbound rule of ${to.ids.join(', ')} allows it`,
      `add an inbound rule to ${target}: TCP ${port} from ${source}`,
      about,
    );
  if (EVERYONE.includes(into))
    return warning(`${name} is open to everyone (${into})`, `restrict the inbound rule of ${target} to ${source}`, about);
  if (into === 'group') return ok(`${name} is open`, '', about);
  const what = `${name} is open to ${into}; doctor does not check whether that contains the ${from.name}`;
  return notice(what, `use ${source} in the rule instead of addresses`, about);
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

/** Whether a rule is about TCP at this port. */
export function fits({ protocol, fromPort, toPort }: SecurityRule, port: number): boolean {
  if (protocol === '-1') return true;
  if (protocol !== 'tcp' && protocol !== '6') return false;
  return (fromPort ?? 0) <= port && port <= (toPort ?? 65_535);
}

const unique = (ids: readonly (string | undefined)[]): string[] => [...new Set(ids.filter((id) => id !== undefined))];
