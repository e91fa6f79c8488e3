/** Actions of rules and listeners: from a request to the form that the data plane uses, within AWS's limits. */
import { z } from 'zod';
import { flag, list, text, whole } from '../service/parse-input.ts';
import { AwsError } from '../service/service.ts';
import { parseInput } from './input.ts';
import type { Registry } from './registry.ts';
import type { Action } from './resources.ts';

const CONTENT_TYPES = ['text/plain', 'text/css', 'text/html', 'application/javascript', 'application/json'] as const;

const group = z.object({ TargetGroupArn: text, Weight: whole(0, 999).optional() });
const actionInput = z.object({
  Type: text,
  Order: whole(1, 50_000).optional(),
  TargetGroupArn: text.optional(),
  ForwardConfig: z
    .object({
      TargetGroups: list(group).optional(),
      TargetGroupStickinessConfig: z.object({ Enabled: flag.optional(), DurationSeconds: whole(1, 604_800).optional() }).optional(),
    })
    .optional(),
  FixedResponseConfig: z
    .object({ StatusCode: text, ContentType: z.enum(CONTENT_TYPES).optional(), MessageBody: text.optional() })
    .optional(),
  RedirectConfig: z
    .object({
      Protocol: z.enum(['HTTP', 'HTTPS', '#{protocol}']).default('#{protocol}'),
      Host: text.default('#{host}'),
      Port: text.default('#{port}'),
      Path: text.pipe(z.string().startsWith('/', 'must start with /')).default('/#{path}'),
      Query: text.default('#{query}'),
      StatusCode: z.enum(['HTTP_301', 'HTTP_302']),
    })
    .optional(),
});
type ActionInput = z.infer<typeof actionInput>;

export const actionList = list(z.unknown());

/**
 * @throws AwsError ValidationError, InvalidLoadBalancerAction, TargetGroupNotFound, UnsupportedProtocol
 */
export function readActions(input: readonly unknown[], registry: Registry): Action[] {
  const actions = input
    .map((one) => parseInput(actionInput, one))
    .sort((one, other) => (one.Order ?? 0) - (other.Order ?? 0))
    .map((action) => readAction(action, registry));
  if (actions.length !== 1) {
    throw new AwsError('InvalidLoadBalancerAction', 'There must be exactly one action of the types forward, redirect and fixed-response');
  }
  return actions;
}

function readAction(input: ActionInput, registry: Registry): Action {
  switch (input.Type) {
    case 'forward':
      return readForward(input, registry);
    case 'fixed-response': {
      const { StatusCode, ContentType, MessageBody } = required(input.FixedResponseConfig, 'FixedResponseConfig');
      if (!/^[245]\d\d$/.test(StatusCode)) throw new AwsError('ValidationError', `Status code '${StatusCode}' must be 2XX, 4XX or 5XX`);
      return { type: 'fixed-response', order: input.Order, statusCode: Number(StatusCode), contentType: ContentType, body: MessageBody };
    }
    case 'redirect': {
      const { Protocol, Host, Port, Path, Query, StatusCode } = required(input.RedirectConfig, 'RedirectConfig');
      if (Protocol === '#{protocol}' && Host === '#{host}' && Port === '#{port}' && Path === '/#{path}') {
        throw new AwsError('InvalidLoadBalancerAction', 'The redirect would lead to itself: change the protocol, host, port or path');
      }
      return {
        type: 'redirect',
        order: input.Order,
        protocol: Protocol,
        host: Host,
        port: Port,
        path: Path,
        query: Query,
        statusCode: StatusCode,
      };
    }
    case 'authenticate-oidc':
    case 'authenticate-cognito':
    case 'jwt-validation':
      throw new AwsError('InvalidLoadBalancerAction', `Actions of type '${input.Type}' are not available in the local cloud`);
    default:
      throw new AwsError('ValidationError', `Action type '${input.Type}' is not valid`);
  }
}

function readForward({ TargetGroupArn, ForwardConfig, Order }: ActionInput, registry: Registry): Action {
  const listed = ForwardConfig?.TargetGroups ?? [];
  const inputs = listed.length > 0 ? listed : TargetGroupArn === undefined ? [] : [{ TargetGroupArn, Weight: 1 }];
  if (inputs.length === 0) throw new AwsError('ValidationError', 'A forward action needs at least one target group');
  const [first] = listed;
  if (TargetGroupArn !== undefined && first !== undefined && (listed.length > 1 || first.TargetGroupArn !== TargetGroupArn)) {
    throw new AwsError('InvalidLoadBalancerAction', 'TargetGroupArn and ForwardConfig must name the same single target group');
  }
  const groups = inputs.map(({ TargetGroupArn: arn, Weight }) => ({ arn: registry.targetGroup(arn).arn, weight: Weight ?? 1 }));
  if (new Set(groups.map(({ arn }) => arn)).size < groups.length) {
    throw new AwsError('ValidationError', 'A target group may be named only once in an action');
  }
  const stickiness = ForwardConfig?.TargetGroupStickinessConfig;
  if (stickiness?.Enabled !== true) return { type: 'forward', order: Order, groups };
  return { type: 'forward', order: Order, groups, stickySeconds: required(stickiness.DurationSeconds, 'DurationSeconds') };
}

function required<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new AwsError('ValidationError', `${name} is required`);
  return value;
}
