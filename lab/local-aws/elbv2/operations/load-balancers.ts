/** Operations on load balancers. @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/ */
import { z } from 'zod';
import { list, tagList, text, texts } from '../../service/parse-input.ts';
import { AwsError, type Operation } from '../../service/service.ts';
import { loadBalancerArn } from '../arns.ts';
import { attributeOutput, defaultsOf, LOAD_BALANCER_ATTRIBUTES, setAttributes } from '../attributes.ts';
import type { ElbContext } from '../context.ts';
import { describeLoadBalancer, zonesOf } from '../describe.ts';
import { page, parseInput, resourceName, toTags } from '../input.ts';
import type { LoadBalancer } from '../resources.ts';

const createInput = z.object({
  Name: resourceName,
  Subnets: texts.optional(),
  SubnetMappings: list(z.object({ SubnetId: text })).optional(),
  SecurityGroups: texts.optional(),
  Scheme: z.enum(['internet-facing', 'internal']).default('internet-facing'),
  Type: text.default('application'),
  IpAddressType: text.default('ipv4'),
  Tags: tagList.optional(),
});
const describeInput = z.object({ LoadBalancerArns: texts.optional(), Names: texts.optional() });
const oneInput = z.object({ LoadBalancerArn: text });

export function loadBalancerOperations({ registry, dataPlane, checks, region, now }: ElbContext): Record<string, Operation> {
  const named = (name: string): LoadBalancer | undefined => [...registry.loadBalancers.values()].find((one) => one.name === name);

  return {
    CreateLoadBalancer(input) {
      const request = parseInput(createInput, input);
      if (request.Type !== 'application')
        throw new AwsError('ValidationError', 'Only application load balancers are available in the local cloud');
      const existing = named(request.Name);
      if (existing !== undefined) {
        if (existing.scheme === request.Scheme) return { LoadBalancers: [describeLoadBalancer(existing)] };
        throw new AwsError(
          'DuplicateLoadBalancerName',
          `A load balancer with the name '${request.Name}' already exists, but with different settings`,
        );
      }
      const loadBalancer: LoadBalancer = {
        ...loadBalancerArn(region, request.Name),
        name: request.Name,
        scheme: request.Scheme,
        createdAtMs: now(),
        ipAddressType: request.IpAddressType,
        subnets: request.Subnets ?? request.SubnetMappings?.map(({ SubnetId }) => SubnetId) ?? [],
        securityGroups: request.SecurityGroups ?? [],
        attributes: defaultsOf(LOAD_BALANCER_ATTRIBUTES),
        tags: toTags(request.Tags),
      };
      registry.loadBalancers.set(loadBalancer.arn, loadBalancer);
      return { LoadBalancers: [describeLoadBalancer(loadBalancer)] };
    },

    DescribeLoadBalancers(input) {
      const { LoadBalancerArns, Names } = parseInput(describeInput, input);
      const byName = Names?.map((name) => {
        const loadBalancer = named(name);
        if (loadBalancer === undefined) throw new AwsError('LoadBalancerNotFound', `Load balancers '[${name}]' not found`);
        return loadBalancer;
      });
      const chosen = LoadBalancerArns?.map(registry.loadBalancer) ?? byName ?? [...registry.loadBalancers.values()];
      const { items, nextMarker } = page(chosen, input);
      return { LoadBalancers: items.map(describeLoadBalancer), ...nextMarker };
    },

    async DeleteLoadBalancer(input) {
      const { LoadBalancerArn } = parseInput(oneInput, input);
      // Deleting what is gone succeeds (API reference, DeleteLoadBalancer).
      const loadBalancer = registry.loadBalancers.get(LoadBalancerArn);
      if (loadBalancer === undefined) return {};
      if (loadBalancer.attributes.get('deletion_protection.enabled') === 'true') {
        throw new AwsError(
          'OperationNotPermitted',
          `Load balancer '${LoadBalancerArn}' cannot be deleted because deletion protection is enabled`,
        );
      }
      for (const listener of registry.listenersOf(LoadBalancerArn)) {
        await dataPlane.close(listener.arn);
        for (const rule of registry.rulesOf(listener.arn)) registry.rules.delete(rule.arn);
        registry.listeners.delete(listener.arn);
      }
      registry.loadBalancers.delete(LoadBalancerArn);
      checks.sync();
      return {};
    },

    DescribeLoadBalancerAttributes(input) {
      return { Attributes: attributeOutput(registry.loadBalancer(parseInput(oneInput, input).LoadBalancerArn).attributes) };
    },
    ModifyLoadBalancerAttributes(input) {
      const { LoadBalancerArn, Attributes } = parseInput(oneInput.extend({ Attributes: tagList }), input);
      const loadBalancer = registry.loadBalancer(LoadBalancerArn);
      setAttributes(loadBalancer.attributes, Attributes, LOAD_BALANCER_ATTRIBUTES);
      dataPlane.refresh(loadBalancer);
      return { Attributes: attributeOutput(loadBalancer.attributes) };
    },

    SetSecurityGroups(input) {
      const { LoadBalancerArn, SecurityGroups } = parseInput(oneInput.extend({ SecurityGroups: texts }), input);
      registry.loadBalancer(LoadBalancerArn).securityGroups = SecurityGroups;
      return { SecurityGroupIds: SecurityGroups };
    },
    SetSubnets(input) {
      const schema = oneInput.extend({ Subnets: createInput.shape.Subnets, SubnetMappings: createInput.shape.SubnetMappings });
      const { LoadBalancerArn, Subnets, SubnetMappings } = parseInput(schema, input);
      const loadBalancer = registry.loadBalancer(LoadBalancerArn);
      loadBalancer.subnets = Subnets ?? SubnetMappings?.map(({ SubnetId }) => SubnetId) ?? [];
      return { AvailabilityZones: zonesOf(loadBalancer) };
    },
    SetIpAddressType(input) {
      const { LoadBalancerArn, IpAddressType } = parseInput(oneInput.extend({ IpAddressType: text }), input);
      registry.loadBalancer(LoadBalancerArn).ipAddressType = IpAddressType;
      return { IpAddressType };
    },
  };
}

/** User guide, load-balancer-limits: the quotas that a local load balancer enforces. */
const LIMITS = {
  'rules-per-application-load-balancer': 100,
  'target-groups-per-application-load-balancer': 100,
  'target-groups-per-action-on-application-load-balancer': 5,
  'condition-values-per-alb-rule': 5,
  'condition-wildcards-per-alb-rule': 5,
} as const;

export function accountOperations(): Record<string, Operation> {
  return {
    DescribeAccountLimits(input) {
      const { items, nextMarker } = page(Object.entries(LIMITS), input);
      return { Limits: items.map(([Name, Max]) => ({ Name, Max: String(Max) })), ...nextMarker };
    },
  };
}
