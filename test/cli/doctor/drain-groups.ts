const settings = { protocol: 'HTTP', healthCheckPath: '/live' };
/** The target group and the drain group of a healthy fleet with sessions in memory. */
export const drainGroups = {
  ...{ main: settings, drain: settings },
  attributes: { 'stickiness.enabled': 'false', 'target_group_health.dns_failover.minimum_healthy_targets.count': 'off' },
};
