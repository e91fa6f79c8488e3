/** Whether a client stays with a target, and with which. Pure. */
import { numberOf } from '../attributes.ts';
import { type ForwardAction, type Target, type TargetGroup, targetKey } from '../resources.ts';
import type { Binding } from './sticky-cookies.ts';

export type Stickiness =
  | { readonly type: 'lb_cookie'; readonly seconds: number }
  | { readonly type: 'app_cookie'; readonly seconds: number; readonly cookieName: string };

export function stickinessOf(group: TargetGroup, action: ForwardAction): Stickiness | undefined {
  const { attributes } = group;
  if (attributes.get('stickiness.enabled') !== 'true') return undefined;
  if (attributes.get('stickiness.type') === 'lb_cookie') {
    return { type: 'lb_cookie', seconds: numberOf(attributes, 'stickiness.lb_cookie.duration_seconds') };
  }
  // Application-based stickiness does not work with weighted groups (user guide, sticky-sessions).
  if (action.groups.length > 1) return undefined;
  const cookieName = attributes.get('stickiness.app_cookie.cookie_name') ?? '';
  return { type: 'app_cookie', seconds: numberOf(attributes, 'stickiness.app_cookie.duration_seconds'), cookieName };
}

/** The target that a cookie binds the client to, as long as it may get requests. @param binding what a valid cookie holds */
export function boundTo(group: Pick<TargetGroup, 'arn'>, eligible: readonly Target[], binding: Binding | undefined): Target | undefined {
  if (binding?.groupArn !== group.arn) return undefined;
  return eligible.find((target) => targetKey(target.id, target.port) === binding.target);
}
