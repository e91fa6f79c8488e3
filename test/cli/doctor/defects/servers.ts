/** What can be wrong with servers, their role and the ways between them. */
import { SKIPPED } from '../../../../cli/doctor/lookup.ts';
import { CODE_DEPLOY_HOOK } from '../../../functions/fakes/code-deploy-hook.ts';
import * as fleet from '../healthy-fleet.ts';
import { knownAs, NOW_MS, subjectOf } from '../healthy-fleet.ts';
import type { Defect } from './defect.ts';

const locked = { fencingToken: 4, deployId: 'd1', version: '1.1.0', expiresAtMs: NOW_MS + 1_000 };
const rulesWith = (id: string, change: object) =>
  knownAs(fleet.securityGroups.map((group) => (group.id === id ? { ...group, ...change } : group)));

const readsParameters = knownAs({ ...fleet.role, allowed: { ...fleet.role.allowed, 'ssm:GetParameter': true } });

export const SERVERS_DEFECTS: readonly Defect[] = [
  [
    'a group that is too small for a deploy',
    { facts: { group: knownAs({ ...fleet.group, minSize: 2 }) } },
    'group-size',
    'warning',
    /can shrink to 2/,
  ],
  [
    'a group that can never be large enough',
    { facts: { group: knownAs({ ...fleet.group, minSize: 1, maxSize: 2 }) } },
    'group-size',
    'error',
    /at most 2/,
  ],
  [
    'fewer existing servers than a deploy needs',
    { facts: { group: SKIPPED }, subject: { ...subjectOf(), members: 'instances', group: undefined, nodeIds: ['i-1', 'i-2'] } },
    'group-size',
    'error',
    /has 2 members, and a deploy needs 3/,
  ],
  [
    'suspended processes',
    { facts: { group: knownAs({ ...fleet.group, suspendedProcesses: ['ReplaceUnhealthy'] }) } },
    'suspended-processes',
    'warning',
    /ReplaceUnhealthy is suspended, and no deploy/,
  ],
  [
    'suspended processes after a deploy that died',
    {
      facts: {
        group: knownAs({ ...fleet.group, suspendedProcesses: ['Terminate', 'HealthCheck'] }),
        lock: knownAs({ ...locked, deployId: undefined }),
      },
    },
    'suspended-processes',
    'warning',
    /Terminate, HealthCheck are suspended/,
  ],
  [
    'a hook that CodeDeploy has left',
    { facts: { hooks: knownAs([CODE_DEPLOY_HOOK]) } },
    'foreign-hooks',
    'warning',
    /^lifecycle hook CodeDeploy-managed-automatic-launch-deployment-hook-shop-0fa1 is CodeDeploy's: each new server waits in it/,
  ],
  [
    'a hook of another tool for terminations',
    { facts: { hooks: knownAs([{ ...CODE_DEPLOY_HOOK, name: 'drain', kind: 'terminate' }]) } },
    'foreign-hooks',
    'notice',
    /^lifecycle hook drain is not Holdfast's: each server that terminates waits in it/,
  ],
  [
    'a warm pool',
    { facts: { group: knownAs({ ...fleet.group, warmPool: { state: 'Stopped', size: 2 } }) } },
    'warm-pool',
    'notice',
    /has a warm pool of 2 servers \(Stopped\): each installs the current release again/,
  ],
  [
    'a group without the target group',
    { facts: { group: knownAs({ ...fleet.group, targetGroupArns: [] }) } },
    'group-attached',
    'error',
    /does not register/,
  ],
  [
    'a group without ELB health checks',
    { facts: { group: knownAs({ ...fleet.group, healthCheckType: 'EC2' }) } },
    'group-attached',
    'notice',
    /checks only the EC2 status/,
  ],
  ['an agent that has never connected', { facts: { agents: knownAs(fleet.agents.slice(1)) } }, 'agent', 'error', /i-1 has never reported$/],
  [
    'an agent that is offline',
    { facts: { agents: knownAs([...fleet.agents.slice(0, 2), { instanceId: 'i-3', version: '3.3.2746.0', online: false }]) } },
    'agent',
    'error',
    /i-3 is not online/,
  ],
  [
    'an agent that is too old',
    { facts: { agents: knownAs([...fleet.agents.slice(0, 2), { instanceId: 'i-3', version: '3.3.987.0', online: true }]) } },
    'agent',
    'error',
    /i-3 is version 3\.3\.987\.0; .* requires 3\.3\.2746\.0$/,
  ],
  [
    'a server without an instance profile',
    { facts: { servers: knownAs([{ name: 'i-1', securityGroupIds: ['sg-servers'] }]), role: SKIPPED } },
    'instance-profile',
    'error',
    /i-1 has no instance profile/,
  ],
  [
    'a role that the agent cannot use',
    { facts: { role: knownAs({ ...fleet.role, allowed: { ...fleet.role.allowed, 'ssmmessages:OpenDataChannel': false } }) } },
    'instance-profile',
    'error',
    /does not allow ssmmessages:OpenDataChannel/,
  ],
  [
    'a role that does not allow reading releases',
    { facts: { role: knownAs({ ...fleet.role, allowed: { ...fleet.role.allowed, 's3:GetObject': false } }) } },
    'release-reads',
    'error',
    /does not allow s3:GetObject on holdfast-releases/,
  ],
  [
    'a role that does not allow reading a secret of the environment',
    {
      facts: { role: knownAs({ ...fleet.role, allowed: { ...fleet.role.allowed, 'arn:list': true, 'arn:secret': false } }) },
      subject: { ...subjectOf(), variables: { parameters: ['arn:list'], secrets: ['arn:secret'] } },
    },
    'environment',
    'error',
    /does not allow reading arn:secret$/,
  ],
  [
    'a created role that can read Parameter Store',
    { facts: { role: readsParameters } },
    'parameter-reads',
    'warning',
    /allows ssm:GetParameter on every parameter/,
  ],
  [
    'an existing role that can read Parameter Store, which its owner may want',
    { facts: { role: readsParameters }, subject: { ...subjectOf(), ownRole: false } },
    'parameter-reads',
    'notice',
    /allows ssm:GetParameter on every parameter/,
  ],
  [
    "an application's process that can use its server's role",
    { subject: { ...subjectOf(), awsAccess: true } },
    'application-access',
    'notice',
    /can use the credentials of its server's role/,
  ],
  [
    'no path from the load balancer to the servers',
    { facts: { securityGroups: rulesWith('sg-servers', { ingress: [] }) } },
    'security-group-path',
    'error',
    /load balancer → servers, port 8080: no inbound rule of sg-servers allows it/,
  ],
  [
    'a path with the wrong port',
    { facts: { securityGroups: rulesWith('sg-servers', { ingress: [fleet.from('sg-front', 80)] }) } },
    'security-group-path',
    'error',
    /port 8080: no inbound rule of sg-servers/,
  ],
  [
    'no outbound path of the load balancer',
    { facts: { securityGroups: rulesWith('sg-front', { egress: [] }) } },
    'security-group-path',
    'error',
    /no outbound rule of sg-front allows it/,
  ],
  [
    'no path from the servers to the store',
    { facts: { securityGroups: rulesWith('sg-store', { ingress: [fleet.from('sg-check', 6379)] }) } },
    'security-group-path',
    'error',
    /servers → store, port 6379: no inbound rule of sg-store/,
  ],
  [
    'no path from the store check to the store',
    { facts: { securityGroups: rulesWith('sg-store', { ingress: [fleet.from('sg-servers', 6379)] }) } },
    'security-group-path',
    'error',
    /store check → store/,
  ],
  [
    'servers that are open to everyone',
    {
      facts: {
        securityGroups: rulesWith('sg-servers', {
          ingress: [{ protocol: 'tcp', fromPort: 8080, toPort: 8080, groupIds: [], ranges: ['0.0.0.0/0'] }],
        }),
      },
    },
    'security-group-path',
    'warning',
    /open to everyone/,
  ],
  [
    'servers that are open to addresses',
    { facts: { securityGroups: rulesWith('sg-servers', { ingress: [{ protocol: '-1', groupIds: [], ranges: ['10.0.0.0/16'] }] }) } },
    'security-group-path',
    'notice',
    /open to 10\.0\.0\.0\/16/,
  ],
  [
    'a store check without security groups',
    { facts: { storeCheckGroupIds: knownAs([]) } },
    'security-group-path',
    'unknown',
    /store check → store, port 6379: AWS did not return the security groups of the store check/,
  ],
];
