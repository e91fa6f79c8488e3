/** How often incidents are tended. */
export const TEND_MINUTES = 5;
/** While no incident is open, every third check compares the alarms' states: their events are seldom lost, and each reading costs. */
export const CHECKS_PER_COMPARISON = 3;

/** Published by each check for the installation; no data means none. */
export const INCIDENT_METRICS = {
  /** Mitigations that have bridged an outage for {@link LONG_IN_EFFECT_MINUTES}. */
  mitigationInEffect: 'MitigationInEffect',
} as const;
/** Most failovers are over within minutes: what bridges one is needed no longer, or the outage is a long one. */
export const LONG_IN_EFFECT_MINUTES = 30;
