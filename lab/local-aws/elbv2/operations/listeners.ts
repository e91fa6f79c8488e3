/** Operations on listeners. */
import { z } from 'zod';
import { list, tagList, text, texts } from '../../service/parse-input.ts';
import { AwsError, type Operation } from '../../service/service.ts';
import { listenerArn, ruleArn } from '../arns.ts';
import { attributeOutput, defaultsOf, LISTENER_ATTRIBUTES, setAttributes } from '../attributes.ts';
import type { ElbContext } from '../context.ts';
import { describeListener } from '../describe.ts';
import { page, parseInput, port, toTags } from '../input.ts';
import { actionList, readActions } from '../read-actions.ts';
import type { Listener, Rule } from '../resources.ts';
import { checkGroupUse } from '../rule-limits.ts';

const certificates = list(z.object({ CertificateArn: text.optional() }));
const settings = z.object({
  Port: port.optional(),
  Protocol: z.enum(['HTTP', 'HTTPS'], 'must be HTTP or HTTPS').optional(),
  SslPolicy: text.optional(),
  Certificates: certificates.optional(),
});
const createInput = settings.extend({ LoadBalancerArn: text, DefaultActions: actionList, Tags: tagList.optional() });
const modifyInput = settings.extend({ ListenerArn: text, DefaultActions: actionList.optional() });
const describeInput = z.object({ LoadBalancerArn: text.optional(), ListenerArns: texts.optional() });
const oneInput = z.object({ ListenerArn: text });
const certificateInput = oneInput.extend({ Certificates: certificates });

const DEFAULT_SSL_POLICY = 'ELBSecurityPolicy-2016-08';
const arnsOf = (list: z.infer<typeof certificates>): string[] => list.flatMap(({ CertificateArn }) => CertificateArn ?? []);

export function listenerOperations(context: ElbContext): Record<string, Operation> {
  const { registry, dataPlane, checks } = context;
  const defaultRule = (listener: Listener): Rule => {
    const rule = registry.rulesOf(listener.arn).at(-1);
    if (rule === undefined) throw new Error(`listener ${listener.arn} has no default rule`);
    return rule;
  };
  const describe = (listener: Listener): object => describeListener(listener, defaultRule(listener).actions);
  const checkPort = (loadBalancerArn: string, wanted: number, except?: Listener): void => {
    if (registry.listenersOf(loadBalancerArn).some((one) => one.port === wanted && one !== except)) {
      throw new AwsError('DuplicateListener', 'A listener already exists on this port for this load balancer');
    }
  };
  const checkCertificate = (protocol: Listener['protocol'], arns: readonly string[]): void => {
    if (protocol === 'HTTPS' && arns.length === 0)
      throw new AwsError('ValidationError', 'A certificate must be specified for HTTPS listeners');
    if (protocol === 'HTTP' && arns.length > 0) throw new AwsError('ValidationError', 'Certificates are for HTTPS listeners only');
  };

  return {
    async CreateListener(input) {
      const request = parseInput(createInput, input);
      const { Port, Protocol } = request;
      if (Port === undefined || Protocol === undefined) throw new AwsError('ValidationError', 'A listener needs a port and a protocol');
      const loadBalancer = registry.loadBalancer(request.LoadBalancerArn);
      const arns = arnsOf(request.Certificates ?? []);
      checkPort(loadBalancer.arn, Port);
      checkCertificate(Protocol, arns);
      const actions = readActions(request.DefaultActions, registry);
      checkGroupUse(registry, loadBalancer.arn, actions);
      const listener: Listener = {
        arn: listenerArn(loadBalancer.arn),
        loadBalancerArn: loadBalancer.arn,
        port: Port,
        protocol: Protocol,
        sslPolicy: Protocol === 'HTTPS' ? (request.SslPolicy ?? DEFAULT_SSL_POLICY) : undefined,
        certificates: arns,
        attributes: defaultsOf(LISTENER_ATTRIBUTES),
        tags: toTags(request.Tags),
      };
      const rule: Rule = {
        arn: ruleArn(listener.arn),
        listenerArn: listener.arn,
        priority: 'default',
        conditions: [],
        actions,
        tags: new Map(),
      };
      registry.listeners.set(listener.arn, listener);
      registry.rules.set(rule.arn, rule);
      checks.sync();
      try {
        await dataPlane.open(listener);
      } catch (error) {
        registry.listeners.delete(listener.arn);
        registry.rules.delete(rule.arn);
        checks.sync();
        throw error;
      }
      return { Listeners: [describe(listener)] };
    },

    DescribeListeners(input) {
      const { LoadBalancerArn, ListenerArns } = parseInput(describeInput, input);
      if (ListenerArns === undefined && LoadBalancerArn === undefined)
        throw new AwsError('ValidationError', 'You must specify either listener ARNs or a load balancer ARN');
      const chosen = ListenerArns?.map(registry.listener) ?? registry.listenersOf(registry.loadBalancer(LoadBalancerArn ?? '').arn);
      const { items, nextMarker } = page(chosen, input);
      return { Listeners: items.map(describe), ...nextMarker };
    },

    async ModifyListener(input) {
      const request = parseInput(modifyInput, input);
      const listener = registry.listener(request.ListenerArn);
      const after = { port: request.Port ?? listener.port, protocol: request.Protocol ?? listener.protocol };
      const named =
        request.Certificates === undefined ? listener.certificates : [...arnsOf(request.Certificates), ...listener.certificates.slice(1)];
      const arns = after.protocol === 'HTTPS' ? named : arnsOf(request.Certificates ?? []);
      checkPort(listener.loadBalancerArn, after.port, listener);
      checkCertificate(after.protocol, arns);
      const actions = request.DefaultActions === undefined ? undefined : readActions(request.DefaultActions, registry);
      if (actions !== undefined) {
        checkGroupUse(registry, listener.loadBalancerArn, actions, defaultRule(listener));
        defaultRule(listener).actions = actions;
      }
      const moved = after.port !== listener.port || after.protocol !== listener.protocol;
      Object.assign(listener, after, { certificates: arns });
      listener.sslPolicy = after.protocol === 'HTTPS' ? (request.SslPolicy ?? listener.sslPolicy ?? DEFAULT_SSL_POLICY) : undefined;
      checks.sync();
      if (moved) {
        await dataPlane.close(listener.arn);
        await dataPlane.open(listener);
      } else dataPlane.publish(listener.arn);
      return { Listeners: [describe(listener)] };
    },

    async DeleteListener(input) {
      const listener = registry.listener(parseInput(oneInput, input).ListenerArn);
      for (const rule of registry.rulesOf(listener.arn)) registry.rules.delete(rule.arn);
      registry.listeners.delete(listener.arn);
      checks.sync();
      await dataPlane.close(listener.arn);
      return {};
    },

    DescribeListenerAttributes(input) {
      return { Attributes: attributeOutput(registry.listener(parseInput(oneInput, input).ListenerArn).attributes) };
    },
    ModifyListenerAttributes(input) {
      const { ListenerArn, Attributes } = parseInput(oneInput.extend({ Attributes: tagList }), input);
      const { attributes } = registry.listener(ListenerArn);
      setAttributes(attributes, Attributes, LISTENER_ATTRIBUTES);
      return { Attributes: attributeOutput(attributes) };
    },

    AddListenerCertificates(input) {
      const { ListenerArn, Certificates } = parseInput(certificateInput, input);
      const listener = registry.listener(ListenerArn);
      listener.certificates = [...new Set([...listener.certificates, ...arnsOf(Certificates)])];
      return { Certificates: arnsOf(Certificates).map((CertificateArn) => ({ CertificateArn, IsDefault: false })) };
    },
    RemoveListenerCertificates(input) {
      const { ListenerArn, Certificates } = parseInput(certificateInput, input);
      const listener = registry.listener(ListenerArn);
      const [first] = listener.certificates;
      const gone = arnsOf(Certificates);
      if (first !== undefined && gone.includes(first))
        throw new AwsError('OperationNotPermitted', 'The default certificate cannot be removed');
      listener.certificates = listener.certificates.filter((arn) => !gone.includes(arn));
      return {};
    },
    DescribeListenerCertificates(input) {
      const listener = registry.listener(parseInput(oneInput, input).ListenerArn);
      const all = listener.certificates.map((CertificateArn, index) => ({ CertificateArn, IsDefault: index === 0 }));
      const { items, nextMarker } = page(all, input);
      return { Certificates: items, ...nextMarker };
    },
  };
}
