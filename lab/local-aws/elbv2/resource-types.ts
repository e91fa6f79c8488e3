/** CloudFormation's resource types, provided through the operations that answer the API. */

import { LOCAL_ACCOUNT_ID } from '../local-account.ts';
import { AwsError, type CallContext, type Operation, type ProvidedResource, type ResourceProvider } from '../service/service.ts';
import { generatedName } from './arns.ts';
import type { ElbContext } from './context.ts';
import { DNS_NAME, HOSTED_ZONE_ID } from './describe.ts';
import { targetKey } from './resources.ts';

type Properties = Record<string, unknown>;
type Call = (operation: string, input: Properties) => Promise<Properties>;

export function resourceTypes(context: ElbContext, operations: Readonly<Record<string, Operation>>): Record<string, ResourceProvider> {
  const caller: CallContext = { region: context.region, accountId: LOCAL_ACCOUNT_ID, accessKeyId: 'cloudformation' };
  const call: Call = async (name, input) => {
    const operation = operations[name];
    if (operation === undefined) throw new Error(`no operation ${name}`);
    return { ...(await operation(input, caller)) };
  };
  return {
    'AWS::ElasticLoadBalancingV2::LoadBalancer': loadBalancer(context, call),
    'AWS::ElasticLoadBalancingV2::TargetGroup': targetGroup(context, call),
    'AWS::ElasticLoadBalancingV2::Listener': listener(call),
    'AWS::ElasticLoadBalancingV2::ListenerRule': listenerRule(call),
    'AWS::ElasticLoadBalancingV2::ListenerCertificate': listenerCertificate(call),
  };
}

function loadBalancer({ registry }: ElbContext, call: Call): ResourceProvider {
  const provided = (arn: string): ProvidedResource => {
    const { name, fullName, securityGroups } = registry.loadBalancer(arn);
    const names = { LoadBalancerArn: arn, LoadBalancerName: name, LoadBalancerFullName: fullName };
    return {
      physicalId: arn,
      attributes: { ...names, DNSName: DNS_NAME, CanonicalHostedZoneID: HOSTED_ZONE_ID, SecurityGroups: [...securityGroups] },
    };
  };
  const create: ResourceProvider['create'] = async ({ properties, stackName, logicalId }) => {
    const { LoadBalancerAttributes: Attributes, ...rest } = properties;
    const Name = properties['Name'] ?? generatedName(stackName, logicalId);
    if ([...registry.loadBalancers.values()].some((one) => one.name === Name)) {
      throw new AwsError('DuplicateLoadBalancerName', `A load balancer with the name '${Name}' already exists`);
    }
    const arn = arnIn(await call('CreateLoadBalancer', { ...rest, Name }), 'LoadBalancers', 'LoadBalancerArn');
    if (Attributes !== undefined) await call('ModifyLoadBalancerAttributes', { LoadBalancerArn: arn, Attributes });
    return provided(arn);
  };
  return {
    create,
    async update(request) {
      const { physicalId: LoadBalancerArn, properties, previous } = request;
      if (changed(properties, previous, ['Name', 'Scheme', 'Type'])) return create(request);
      const { SecurityGroups, Subnets, SubnetMappings, LoadBalancerAttributes: Attributes } = properties;
      if (Attributes !== undefined) await call('ModifyLoadBalancerAttributes', { LoadBalancerArn, Attributes });
      if (SecurityGroups !== undefined) await call('SetSecurityGroups', { LoadBalancerArn, SecurityGroups });
      if (Subnets !== undefined || SubnetMappings !== undefined) await call('SetSubnets', { LoadBalancerArn, Subnets, SubnetMappings });
      await retag(call, LoadBalancerArn, properties, previous);
      return provided(LoadBalancerArn);
    },
    delete: ({ physicalId }) => unlessGone(call('DeleteLoadBalancer', { LoadBalancerArn: physicalId })),
  };
}

function targetGroup({ registry }: ElbContext, call: Call): ResourceProvider {
  const provided = (arn: string): ProvidedResource => {
    const { name, fullName } = registry.targetGroup(arn);
    const names = { TargetGroupArn: arn, TargetGroupName: name, TargetGroupFullName: fullName };
    return { physicalId: arn, attributes: { ...names, LoadBalancerArns: registry.loadBalancersUsing(arn) } };
  };
  const create: ResourceProvider['create'] = async ({ properties, stackName, logicalId }) => {
    const { TargetGroupAttributes: Attributes, Targets, ...rest } = properties;
    const Name = properties['Name'] ?? generatedName(stackName, logicalId);
    if ([...registry.targetGroups.values()].some((one) => one.name === Name)) {
      throw new AwsError('DuplicateTargetGroupName', `A target group with the name '${Name}' already exists`);
    }
    const arn = arnIn(await call('CreateTargetGroup', { ...rest, Name }), 'TargetGroups', 'TargetGroupArn');
    if (Attributes !== undefined) await call('ModifyTargetGroupAttributes', { TargetGroupArn: arn, Attributes });
    if (Targets !== undefined) await call('RegisterTargets', { TargetGroupArn: arn, Targets });
    return provided(arn);
  };
  return {
    create,
    async update(request) {
      const { physicalId: TargetGroupArn, properties, previous } = request;
      if (changed(properties, previous, ['Name', 'Port', 'Protocol', 'ProtocolVersion', 'VpcId', 'TargetType'])) return create(request);
      const { TargetGroupAttributes: Attributes, Targets } = properties;
      await call('ModifyTargetGroup', { ...properties, TargetGroupArn });
      if (Attributes !== undefined) await call('ModifyTargetGroupAttributes', { TargetGroupArn, Attributes });
      const { port } = registry.targetGroup(TargetGroupArn);
      const keyOf = (one: Properties): string => targetKey(String(one['Id']), Number(one['Port'] ?? port));
      const kept = new Set(records(Targets).map(keyOf));
      const gone = records(previous['Targets']).filter((one) => !kept.has(keyOf(one)));
      if (gone.length > 0) await call('DeregisterTargets', { TargetGroupArn, Targets: gone });
      if (kept.size > 0) await call('RegisterTargets', { TargetGroupArn, Targets });
      await retag(call, TargetGroupArn, properties, previous);
      return provided(TargetGroupArn);
    },
    delete: ({ physicalId }) => unlessGone(call('DeleteTargetGroup', { TargetGroupArn: physicalId })),
  };
}

function listener(call: Call): ResourceProvider {
  const provided = (arn: string): ProvidedResource => ({ physicalId: arn, attributes: { ListenerArn: arn } });
  const create: ResourceProvider['create'] = async ({ properties }) => {
    const { ListenerAttributes: Attributes, ...rest } = properties;
    const ListenerArn = arnIn(await call('CreateListener', rest), 'Listeners', 'ListenerArn');
    if (Attributes !== undefined) await call('ModifyListenerAttributes', { ListenerArn, Attributes });
    return provided(ListenerArn);
  };
  return {
    create,
    async update(request) {
      const { physicalId: ListenerArn, properties, previous } = request;
      if (changed(properties, previous, ['LoadBalancerArn'])) return create(request);
      const { ListenerAttributes: Attributes, ...rest } = properties;
      await call('ModifyListener', { ...rest, ListenerArn });
      if (Attributes !== undefined) await call('ModifyListenerAttributes', { ListenerArn, Attributes });
      return provided(ListenerArn);
    },
    delete: ({ physicalId }) => unlessGone(call('DeleteListener', { ListenerArn: physicalId })),
  };
}

function listenerRule(call: Call): ResourceProvider {
  const provided = (arn: string): ProvidedResource => ({ physicalId: arn, attributes: { RuleArn: arn, IsDefault: 'false' } });
  const create: ResourceProvider['create'] = async ({ properties }) =>
    provided(arnIn(await call('CreateRule', properties), 'Rules', 'RuleArn'));
  return {
    create,
    async update(request) {
      const { physicalId: RuleArn, properties, previous } = request;
      if (changed(properties, previous, ['ListenerArn'])) return create(request);
      const { Conditions, Actions, Priority } = properties;
      await call('ModifyRule', { RuleArn, Conditions, Actions });
      if (changed(properties, previous, ['Priority'])) await call('SetRulePriorities', { RulePriorities: [{ RuleArn, Priority }] });
      return provided(RuleArn);
    },
    delete: ({ physicalId }) => unlessGone(call('DeleteRule', { RuleArn: physicalId })),
  };
}

function listenerCertificate(call: Call): ResourceProvider {
  const physicalIdOf = (logicalId: string, { ListenerArn }: Properties): string => `${logicalId}|${ListenerArn}`;
  return {
    async create({ properties, logicalId }) {
      const { ListenerArn, Certificates } = properties;
      await call('AddListenerCertificates', { ListenerArn, Certificates });
      return { physicalId: physicalIdOf(logicalId, properties), attributes: {} };
    },
    async update({ properties, previous, logicalId }) {
      const { ListenerArn, Certificates } = properties;
      await call('AddListenerCertificates', { ListenerArn, Certificates });
      if (!changed(properties, previous, ['ListenerArn'])) {
        const kept = records(Certificates).map((one) => one['CertificateArn']);
        const gone = records(previous['Certificates']).filter((one) => !kept.includes(one['CertificateArn']));
        if (gone.length > 0) await call('RemoveListenerCertificates', { ListenerArn, Certificates: gone });
      }
      return { physicalId: physicalIdOf(logicalId, properties), attributes: {} };
    },
    delete: ({ physicalId, properties }) => {
      const ListenerArn = physicalId.slice(physicalId.indexOf('|') + 1);
      return unlessGone(call('RemoveListenerCertificates', { ListenerArn, Certificates: properties['Certificates'] ?? [] }));
    },
  };
}

const records = (list: unknown): Properties[] => (Array.isArray(list) ? list : []);

/** The ARN of the one resource in a reply. */
function arnIn(reply: Properties, list: string, key: string): string {
  return String(records(reply[list])[0]?.[key]);
}

/** Whether CloudFormation would replace the resource. Numbers may be text on one side. */
function changed(now: Properties, before: Properties, keys: readonly string[]): boolean {
  return keys.some((key) => String(now[key]) !== String(before[key]));
}

async function retag(call: Call, arn: string, properties: Properties, previous: Properties): Promise<void> {
  const kept = records(properties['Tags']).map((tag) => tag['Key']);
  const gone = records(previous['Tags'])
    .map((tag) => tag['Key'])
    .filter((key) => !kept.includes(key));
  if (gone.length > 0) await call('RemoveTags', { ResourceArns: [arn], TagKeys: gone });
  if (kept.length > 0) await call('AddTags', { ResourceArns: [arn], Tags: properties['Tags'] });
}

async function unlessGone(deletion: Promise<unknown>): Promise<void> {
  try {
    await deletion;
  } catch (error) {
    if (!(error instanceof AwsError) || !error.code.endsWith('NotFound')) throw error;
  }
}
