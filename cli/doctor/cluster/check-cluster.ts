import type { DeployRecord } from '../../../functions/records/types.ts';
import type { AppContract } from '../../../functions/shared/app-contract.ts';
import { commandFor } from '../../command-options.ts';
import { currentContract } from '../deploys/check-releases.ts';
import type { ClusterSecretFacts, Facts } from '../facts.ts';
import { type Check, type Finding, topic } from '../finding.ts';
import { known } from '../lookup.ts';
import type { Subject } from '../subject.ts';

type Cluster = NonNullable<Subject['cluster']>;

interface CopiesSubject {
  readonly cluster: Cluster;
  readonly facts: Pick<Facts, 'fleetRecord' | 'releases' | 'nowMs'>;
  readonly subject: Subject;
}

const DAY_MS = 86_400_000;

/** The servers of a Tomcat cluster: whom the current release copies sessions to, the key of their messages, and whether copies arrive. */
export const checkCluster: Check = (facts, subject) => {
  const { cluster } = subject;
  if (!cluster) return [];
  const secret = known(facts.clusterSecret);
  const { copiesCompared } = facts;
  return [
    ...members(currentContract(facts), cluster, subject),
    ...(secret ? [checkSecret(secret, subject)] : []),
    ...(copiesCompared.state === 'known' ? [copies(copiesCompared.value, { cluster, facts, subject })] : []),
  ];
};

/** Compares the configured members with the list in the current release, which was written when that release was published. */
function members(contract: AppContract | undefined, cluster: Cluster, subject: Subject): Finding[] {
  if (!contract) return [];
  const about = topic('cluster-members', subject.fleet, 'a release has the list of servers that it copies sessions to');
  const publish = `publish the WAR as a new version (${commandFor(subject, 'releases publish VERSION WAR')}), and deploy it`;
  const { copies } = contract;
  if (!copies) return [about.warning('the current release copies no sessions: each server has its own, and a deploy ends them', publish)];
  const configured = cluster.members.join(', ');
  const released = copies.members?.join(', ');
  if (released === configured) return [about.ok(`the current release copies sessions between the configuration's nodes (${configured})`)];
  return [
    about.warning(
      `the current release copies sessions between ${released ?? 'servers that its contract does not list'}, and the configuration's nodes are ${configured}`,
      `${publish}: add a node first, and remove the old one in the release after it`,
    ),
  ];
}

function checkSecret({ arn, isDeleted, rotates, isReadable }: ClusterSecretFacts, { instanceRoleName, awsOptions }: Subject): Finding {
  const about = topic('cluster-secret', arn, 'a server with another key, or without one, reads no copies: each start reads the secret');
  if (isDeleted)
    return about.error(
      "the secret of the cluster's messages is scheduled for deletion",
      `restore it before a server starts again: aws secretsmanager restore-secret --secret-id ${arn} ${awsOptions}`,
    );
  if (isReadable === false)
    return about.error(
      `role ${instanceRoleName} does not allow reading the secret of the cluster's messages`,
      'run "npx --no cdk deploy --all", and check for a policy that denies it or a permissions boundary',
    );
  if (rotates)
    return about.warning(
      "the secret of the cluster's messages rotates: after a rotation, servers that start have another key than the others",
      `turn its rotation off: aws secretsmanager cancel-rotate-secret --secret-id ${arn} ${awsOptions}`,
    );
  return about.ok("the secret of the cluster's messages exists, and no rotation changes it");
}

/**
 * Doctor sends nothing to servers: the latest deploy that asked them shows whether they reach each other's port. It is old after a day, and a
 * dry run asks now.
 */
function copies(latest: DeployRecord | undefined, { cluster, facts, subject }: CopiesSubject): Finding {
  const about = topic('cluster-copies', subject.fleet, 'a deploy stops a server only when another one holds each of its sessions');
  const ports = [...new Set(cluster.members.map((member) => member.split(':')[1]))].join(' and ');
  const ask = askNow(facts, subject);
  if (!latest)
    return about.notice(
      `no deploy has asked the servers yet whether their copies arrive on TCP port ${ports}`,
      `open TCP port ${ports} between the nodes${ask === undefined ? "; the first deploy over a cluster's release asks before it touches a server" : `, and ${ask}`}`,
    );
  const { to, startedAtMs, error, targets } = latest;
  const when = `the deploy of ${to} on ${new Date(startedAtMs).toISOString().slice(0, 16)}Z`;
  const alone = Object.entries(targets).flatMap(([id, { sessionsAlone = 0 }]) => (sessionsAlone > 0 ? [`${id} (${sessionsAlone})`] : []));
  const andAsk = ask === undefined ? '' : `, ${ask}`;
  if (error?.Error === 'SessionsAlone')
    return about.error(
      `${when} was stopped: ${error.Cause.replace(/\s+/g, ' ').slice(0, 400)}`,
      `make TCP port ${ports} reachable between the nodes, check that each has started with the current secret${andAsk}, and deploy again`,
    );
  if (alone.length > 0)
    return about.warning(
      `${when} stopped servers with sessions that no other one held: ${alone.join(', ')}`,
      `make TCP port ${ports} reachable between the nodes before the next deploy${andAsk}`,
    );
  const held = `${when} stopped a server only when another one held each of its sessions (TCP port ${ports})`;
  return ask !== undefined && facts.nowMs - startedAtMs > DAY_MS ? about.notice(`${held}; no deploy has asked since`, ask) : about.ok(held);
}

/** Undefined while no dry run would ask: the current release copies no sessions, or is not known. A dry run of it asks each server. */
function askNow(facts: CopiesSubject['facts'], subject: Subject): string | undefined {
  const version = known(facts.fleetRecord)?.currentVersion;
  if (version === undefined || currentContract(facts)?.copies === undefined) return undefined;
  return `ask the servers now with: ${commandFor(subject, `deploy ${version} --dry-run`)}`;
}
