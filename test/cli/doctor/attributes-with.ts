import type { Lookup } from '../../../cli/doctor/lookup.ts';
import type { Attributes } from '../../../functions/shared/aws/attributes-reader.ts';

/** Attributes of a target group as Holdfast creates it, with a change. */
export const attributesWith = (change: Attributes = {}): Lookup<Attributes> => ({
  state: 'known',
  value: {
    'deregistration_delay.timeout_seconds': '300',
    'load_balancing.cross_zone.enabled': 'use_load_balancer_configuration',
    'slow_start.duration_seconds': '0',
    'stickiness.enabled': 'false',
    'stickiness.type': 'lb_cookie',
    ...change,
  },
});
