/** The zones of a configuration against those of an account. Pure. */

export interface ZoneJudgement {
  /** Configured zones that the account does not have. */
  readonly missing: readonly string[];
  /** As many zones as are configured, if the account has so many: those that it has, and others of its own for the missing ones. */
  readonly instead: readonly string[];
}

export function judgeZones(configured: readonly string[], ofAccount: readonly string[]): ZoneJudgement {
  const kept = configured.filter((zone) => ofAccount.includes(zone));
  const others = ofAccount.filter((zone) => !configured.includes(zone));
  return {
    missing: configured.filter((zone) => !ofAccount.includes(zone)),
    instead: [...kept, ...others].slice(0, configured.length).toSorted(),
  };
}

/** `a, c and d` */
export const listed = (zones: readonly string[]): string =>
  zones.length < 2 ? zones.join('') : `${zones.slice(0, -1).join(', ')} and ${zones.at(-1)}`;
