import { type Attributes, isSticky } from '../../shared/aws/attributes-reader.ts';
import type { DrainGroups, GroupSettings } from '../../shared/aws/drain-rule.ts';
import { DNS_FAILOVER_COUNT } from '../../shared/aws/drain-rule-contract.ts';

/** In sentences without a full stop. */
export interface JudgedFront {
  /** Why a deploy cannot keep sessions on their server by it, each with what to do. */
  readonly problems: readonly string[];
  /** What can be meant so. */
  readonly warnings: readonly string[];
}

/** What every server needs of both groups: in a drain group that differs in it, none becomes healthy, or none answers. */
const MUST_BE_SAME = {
  targetType: 'target type',
  protocol: 'protocol',
  protocolVersion: 'protocol version',
  healthCheckProtocol: 'protocol of the health check',
  healthCheckPort: 'port of the health check',
} as const satisfies Partial<Record<keyof GroupSettings, string>>;
/** An application can answer at several paths. */
const MAY_DIFFER = {
  healthCheckPath: 'path of the health check',
  healthyCodes: 'range of healthy status codes',
} as const satisfies Partial<Record<keyof GroupSettings, string>>;

/** The group's own value: `true`, `false` or `use_load_balancer_configuration`, which is on for an application load balancer. */
const CROSS_ZONE = 'load_balancing.cross_zone.enabled';

export function judgeDrainGroups({ main, drain, attributes }: DrainGroups): JudgedFront {
  const differing = (names: Partial<Record<keyof GroupSettings, string>>, so: string) =>
    (Object.keys(names) as (keyof GroupSettings)[])
      .filter((key) => main[key] !== drain[key])
      .map(
        (key) =>
          `the drain group has another ${names[key]} (${drain[key] ?? 'none'}) than the fleet's target group (${main[key] ?? 'none'}): ${so}`,
      );
  const sticky = isSticky(attributes)
    ? [
        "the drain group has stickiness, whose cookie replaces that of the fleet's target group, so that users lose their server when the deploy ends or is stopped: set the drain group's attribute stickiness.enabled to false",
      ]
    : [];
  const oneZone =
    attributes[CROSS_ZONE] === 'false'
      ? [
          `the drain group does not balance over zones, so that a node in another zone than the server has no target for its users: set the drain group's attribute ${CROSS_ZONE} to true`,
        ]
      : [];
  return {
    problems: [...sticky, ...oneZone, ...differing(MUST_BE_SAME, 'give the drain group the same')],
    warnings: differing(
      MAY_DIFFER,
      'a server has to become healthy in both groups, or the deploy fails with PinTimedOut; give the drain group the same',
    ),
  };
}

/**
 * Whether Route 53 judges the load balancer by the drain group, which has no healthy target but while a server's sessions end. Both
 * thresholds count; what is not set has AWS's default.
 */
export const countsInDns = (attributes: Attributes): boolean =>
  attributes[DNS_FAILOVER_COUNT] !== 'off' || (attributes[DNS_FAILOVER_COUNT.replace(/count$/, 'percentage')] ?? 'off') !== 'off';
