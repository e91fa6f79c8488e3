/** Attributes that load balancers, target groups and listeners have, their defaults and the values they take. */
import { AwsError } from '../service/service.ts';
import type { Attributes } from './resources.ts';

interface Attribute {
  readonly default: string;
  readonly accepts: (value: string) => boolean;
}
export type AttributeTable = Readonly<Record<string, Attribute>>;

const number = (initial: number, least: number, most: number, orElse?: string): Attribute => ({
  default: String(initial),
  accepts: (value) => value === orElse || (/^\d+$/.test(value) && Number(value) >= least && Number(value) <= most),
});
const choice = (initial: string, ...others: string[]): Attribute => ({
  default: initial,
  accepts: (value) => value === initial || others.includes(value),
});
const toggle = (initial: 'true' | 'false'): Attribute => choice(initial, 'true', 'false');
const anything = (initial = ''): Attribute => ({ default: initial, accepts: () => true });
const PERCENTAGE_OR_OFF: Attribute = { ...number(1, 1, 100, 'off'), default: 'off' };
const WEEK_SECONDS = 604_800;

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html */
export const LOAD_BALANCER_ATTRIBUTES: AttributeTable = {
  'access_logs.s3.enabled': toggle('false'),
  'access_logs.s3.bucket': anything(),
  'access_logs.s3.prefix': anything(),
  'client_keep_alive.seconds': number(3600, 60, WEEK_SECONDS),
  'connection_logs.s3.enabled': toggle('false'),
  'connection_logs.s3.bucket': anything(),
  'connection_logs.s3.prefix': anything(),
  'deletion_protection.enabled': toggle('false'),
  'health_check_logs.s3.enabled': toggle('false'),
  'health_check_logs.s3.bucket': anything(),
  'health_check_logs.s3.prefix': anything(),
  'idle_timeout.timeout_seconds': number(60, 1, 4000),
  'ipv6.deny_all_igw_traffic': toggle('false'),
  'load_balancing.cross_zone.enabled': choice('true'),
  'routing.http.desync_mitigation_mode': choice('defensive', 'monitor', 'strictest'),
  'routing.http.drop_invalid_header_fields.enabled': toggle('false'),
  'routing.http.preserve_host_header.enabled': toggle('false'),
  'routing.http.x_amzn_tls_version_and_cipher_suite.enabled': toggle('false'),
  'routing.http.xff_client_port.enabled': toggle('false'),
  'routing.http.xff_header_processing.mode': choice('append', 'preserve', 'remove'),
  'routing.http2.enabled': toggle('true'),
  'waf.fail_open.enabled': toggle('false'),
  'zonal_shift.config.enabled': toggle('false'),
};

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html */
export const TARGET_GROUP_ATTRIBUTES: AttributeTable = {
  'deregistration_delay.timeout_seconds': number(300, 0, 3600),
  'load_balancing.algorithm.type': choice('round_robin', 'least_outstanding_requests', 'weighted_random'),
  'load_balancing.algorithm.anomaly_mitigation': choice('off', 'on'),
  'load_balancing.cross_zone.enabled': choice('use_load_balancer_configuration', 'true', 'false'),
  'slow_start.duration_seconds': {
    default: '0',
    accepts: (value) => value === '0' || (/^\d+$/.test(value) && Number(value) >= 30 && Number(value) <= 900),
  },
  'stickiness.enabled': toggle('false'),
  'stickiness.type': choice('lb_cookie', 'app_cookie'),
  'stickiness.lb_cookie.duration_seconds': number(86_400, 1, WEEK_SECONDS),
  'stickiness.app_cookie.cookie_name': { default: '', accepts: (value) => !/^AWSALB(APP|TG)?(CORS)?$/i.test(value) },
  'stickiness.app_cookie.duration_seconds': number(86_400, 1, WEEK_SECONDS),
  'target_group_health.dns_failover.minimum_healthy_targets.count': number(1, 1, 1000, 'off'),
  'target_group_health.dns_failover.minimum_healthy_targets.percentage': PERCENTAGE_OR_OFF,
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.count': number(1, 1, 1000),
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage': PERCENTAGE_OR_OFF,
};

/** Response and request header attributes exist too; only the one that is on by default is kept. */
export const LISTENER_ATTRIBUTES: AttributeTable = {
  'routing.http.response.server.enabled': toggle('true'),
};

export const defaultsOf = (table: AttributeTable): Attributes =>
  new Map(Object.entries(table).map(([key, attribute]) => [key, attribute.default]));

/**
 * Sets all of the changes or, when one is wrong, none.
 *
 * @throws AwsError InvalidConfigurationRequest
 */
export function setAttributes(
  attributes: Attributes,
  changes: readonly { readonly Key: string; readonly Value?: string | undefined }[],
  table: AttributeTable,
): void {
  for (const { Key, Value = '' } of changes) {
    const attribute = table[Key];
    if (attribute === undefined) throw new AwsError('InvalidConfigurationRequest', `Key '${Key}' not recognized`);
    if (!attribute.accepts(Value)) throw new AwsError('InvalidConfigurationRequest', `'${Value}' is not a valid value for '${Key}'`);
  }
  for (const { Key, Value = '' } of changes) attributes.set(Key, Value);
}

export const attributeOutput = (attributes: Attributes): { Key: string; Value: string }[] =>
  [...attributes].map(([Key, Value]) => ({ Key, Value }));

export const numberOf = (attributes: Attributes, key: string): number => Number(attributes.get(key) ?? Number.NaN);
