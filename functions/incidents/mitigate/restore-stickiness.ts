import type { Attributes, TargetGroupAttributes } from '../../shared/aws/attributes-reader.ts';
import type { Stickiness } from '../contract/evidence.ts';
import type { Mitigation } from '../contract/mitigations.ts';
import { type Fleets, fleetOf, refuseFor } from '../contract/steps.ts';

/** Only what the stickiness names: of an existing target group just whether it is on, so that its own kind and duration stay. */
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

export const differing = (wanted: Attributes, now: Attributes): Attributes =>
  Object.fromEntries(Object.entries(wanted).filter(([key, value]) => now[key] !== value));

/** What undoes `changes`. An attribute without a value is left out, for none can be sent; it has no effect while the others are so. */
export const before = (changes: Attributes, now: Attributes): Attributes =>
  Object.fromEntries(Object.keys(changes).flatMap((key) => (now[key] ? [[key, now[key]] as const] : [])));

export const attributesText = (attributes: Attributes): string =>
  Object.entries(attributes)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ');

export type RestoreStickinessPorts = { readonly fleets: Fleets; readonly attributes: TargetGroupAttributes };

type Undo = { readonly targetGroupArn: string; readonly to: Attributes; readonly from: Attributes };

/** Users who were moved to another server stay there: what they lost is lost, and no one loses more. */
export function createRestoreStickiness({ fleets, attributes }: RestoreStickinessPorts): Mitigation<Undo> {
  return {
    async plan(target) {
      const { name, targetGroupArn, expectedStickiness: wanted } = fleetOf(fleets, target);
      if (!wanted.enabled)
        return { refused: `fleet ${name} keeps its sessions in the store, and its configuration has no stickiness to restore` };
      const now = await attributes.read(targetGroupArn);
      // All of them, also what is right already: what people see, and send by hand, is the whole setting.
      const to = stickinessAttributes(wanted);
      if (Object.keys(differing(to, now)).length === 0) return { refused: `the stickiness of fleet ${name} is as configured` };
      const Attributes = Object.entries(to).map(([Key, Value]) => ({ Key, Value }));
      return {
        calls: [{ service: 'elbv2', operation: 'ModifyTargetGroupAttributes', input: { TargetGroupArn: targetGroupArn, Attributes } }],
        effect: `each user of fleet ${name} stays on one server again (${attributesText(to)}); it costs nothing`,
        undo: { targetGroupArn, to, from: before(to, now) },
      };
    },
    async act(_target, plan) {
      const { targetGroupArn, to, from } = plan.undo;
      const now = await attributes.read(targetGroupArn);
      if (Object.keys(differing(to, now)).length === 0) return;
      const found = before(to, now);
      // What somebody has set since the plan can be the repair, and nobody is known who did it.
      const theirs = Object.keys({ ...differing(found, from), ...differing(from, found) });
      refuseFor(theirs.length > 0 ? `${theirs.join(', ')} of the target group was changed since the plan` : undefined);
      await attributes.write(targetGroupArn, to);
    },
    async verify(_target, plan) {
      const { targetGroupArn, to } = plan.undo;
      const missing = differing(to, await attributes.read(targetGroupArn));
      if (Object.keys(missing).length === 0) return { verdict: 'DONE', detail: `the target group has ${attributesText(to)}` };
      return { verdict: 'WAIT', detail: `the target group does not show ${attributesText(missing)} yet` };
    },
    async undo(_target, plan) {
      const { targetGroupArn, to, from } = plan.undo;
      const now = await attributes.read(targetGroupArn);
      // What somebody has set to something else since is theirs.
      const own = Object.fromEntries(Object.entries(from).filter(([key]) => now[key] === to[key]));
      if (Object.keys(own).length > 0) await attributes.write(targetGroupArn, own);
    },
  };
}
