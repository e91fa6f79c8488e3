/** What Holdfast may cost. Tests fail when a change goes over either. */

/** US dollars a month, for a fleet of four servers with the default configuration. */
export const MONTHLY_BUDGET_USD = 10;

/**
 * The part of it for alarms and custom metrics, which are charged whether anything happens or not. They are where a
 * change costs most by accident: a dimension too many multiplies a metric, and an alarm a server multiplies an alarm.
 */
export const ALARMS_AND_METRICS_BUDGET_USD = 5;
