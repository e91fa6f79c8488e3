/** How often incidents are tended. */
export const TEND_MINUTES = 5;
/** While no incident is open, every third check compares the alarms' states: their events are seldom lost, and each reading costs. */
export const CHECKS_PER_COMPARISON = 3;
