import type { Stickiness } from '../contract/evidence.ts';
import type { MitigationTarget } from '../contract/mitigations.ts';
import { MitigationRefused } from './errors.ts';

/** What mitigations need to know of a fleet, as its stacks deployed it. */
export interface FleetResources {
  /** Value of the tag `holdfast:fleet`. */
  readonly fleetTag: string;
  readonly targetGroupArn: string;
  /** As the configuration deployed it. Of an existing target group only whether its users need one server: Holdfast sets none. */
  readonly stickiness: Stickiness;
  /** Absent for a fleet without an Auto Scaling group. */
  readonly autoScalingGroupName?: string;
  readonly deployStateMachineArn: string;
  /** Absent: no re-login page is configured. */
  readonly reLoginPage?: ReLoginPageSettings;
}

/** Where the re-login page is shown, and what it says. */
export interface ReLoginPageSettings {
  /** Host names, with wildcards; the ALB's conditions cannot negate, so that only these are covered. */
  readonly hosts?: readonly string[];
  readonly paths?: readonly string[];
  /** Priorities that are free for it, the first one of each listener is taken. */
  readonly priorities: readonly number[];
  /** HTML, at most 1,024 bytes. */
  readonly body: string;
}

export type Fleets = Readonly<Record<string, FleetResources>>;

/** A mitigation's fleet. @throws MitigationRefused when the incident names none, or one that the installation no longer has */
export function fleetOf(fleets: Fleets, { fleet }: Pick<MitigationTarget, 'fleet'>): FleetResources & { readonly name: string } {
  const found = fleet === undefined ? undefined : fleets[fleet];
  if (fleet === undefined || found === undefined) {
    throw new MitigationRefused(`the installation has no fleet ${fleet ?? '(none was named)'}; nothing was changed`);
  }
  return { name: fleet, ...found };
}
