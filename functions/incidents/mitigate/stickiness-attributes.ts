import type { Attributes } from '../../shared/aws/attributes-reader.ts';
import type { Stickiness } from '../contract/evidence.ts';

/**
 * The attributes of a target group that stand for a stickiness. Only what the stickiness names: of an existing target group just
 * whether it is on, so that its own kind and duration stay.
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html
 */
export function stickinessAttributes({ enabled, type, cookieName, durationSeconds }: Stickiness): Attributes {
  const duration =
    durationSeconds === undefined || type === undefined ? {} : { [`stickiness.${type}.duration_seconds`]: String(durationSeconds) };
  return {
    'stickiness.enabled': String(enabled),
    ...(type && { 'stickiness.type': type }),
    ...(cookieName !== undefined && { 'stickiness.app_cookie.cookie_name': cookieName }),
    ...duration,
  };
}

/** Those of `wanted` that are not so in `now`. */
export const differing = (wanted: Attributes, now: Attributes): Attributes =>
  Object.fromEntries(Object.entries(wanted).filter(([key, value]) => now[key] !== value));

/**
 * What `now` has for the keys of `changes`: what undoes them. An attribute without a value is left out, for none can be sent; it has no
 * effect while the others are as before.
 */
export const before = (changes: Attributes, now: Attributes): Attributes =>
  Object.fromEntries(Object.keys(changes).flatMap((key) => (now[key] ? [[key, now[key]] as const] : [])));

/** `stickiness.enabled=true, stickiness.type=lb_cookie`. */
export const attributesText = (attributes: Attributes): string =>
  Object.entries(attributes)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ');
