/** A server, as far as it matters whether its Availability Zone keeps one that serves. */
export interface ZoneMember {
  readonly instanceId: string;
  /** Unknown for a server without an Auto Scaling group. */
  readonly zone?: string | undefined;
  /** Healthy with a release. */
  readonly serves: boolean;
}

/**
 * Whether nobody would serve in a server's zone while it is out, although one more comes back there by itself: one that is in flight.
 * The last one of a zone that has no other is taken out all the same, for there is no other way to roll it.
 */
export function emptiesZone(members: readonly ZoneMember[], instanceId: string, inFlight: ReadonlySet<string>): boolean {
  const one = members.find((member) => member.instanceId === instanceId);
  if (one?.zone === undefined || !one.serves) return false;
  const others = members.filter((member) => member.zone === one.zone && member.instanceId !== instanceId);
  return !others.some((other) => other.serves && !inFlight.has(other.instanceId)) && others.some((other) => inFlight.has(other.instanceId));
}
