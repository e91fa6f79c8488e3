/**
 * The alarms that begin cases. Each goes into ALARM by its own metrics, and EventBridge starts the runbook. An alarm that wants more than
 * one bad minute gets the earlier ones planted; the last one, which completes them, is always the fault's. Pure.
 */
import { PROBLEM_METRICS } from '../../../functions/collect/contract.ts';
import { type FleetAlarm, fleetAlarmName, type StoreAlarm, storeAlarmName } from '../../../functions/shared/naming.ts';

/** One minute before the case, as its fault would have left it. */
export interface EarlierMinutes {
  readonly minutes: number;
  readonly metrics: readonly { readonly name: string; readonly perMinute: number }[];
}

export type CaseAlarm =
  | { readonly of: 'store'; readonly alarm: StoreAlarm; readonly earlier?: EarlierMinutes }
  | { readonly of: 'fleet'; readonly alarm: FleetAlarm; readonly earlier?: EarlierMinutes };

/** Thirty users who come back every second. */
export const USERS = 30;
export const THINK_TIME_MS = 1_000;
export const USUAL_PER_MINUTE = (USERS * 60_000) / THINK_TIME_MS;
/** A third of the usual minute; the alarm's threshold is {@link LOGGED_OUT_PERCENT}. */
const REFUSED_PER_MINUTE = 600;
/** Among the users of the local cloud, one in two hundred is refused without a fault. */
export const LOGGED_OUT_PERCENT = 10;

const UNREACHABLE: CaseAlarm = { of: 'store', alarm: 'store-unreachable' };
/** Three of five minutes. */
const MEMORY: CaseAlarm = {
  ...{ of: 'store', alarm: 'memory-percent' },
  earlier: { minutes: 2, metrics: [{ name: PROBLEM_METRICS.memoryPercent, perMinute: 85 }] },
};
/** Two of three minutes. */
const REFUSALS: CaseAlarm = {
  ...{ of: 'fleet', alarm: 'refusals' },
  earlier: {
    minutes: 1,
    metrics: [
      { name: 'RequestCount', perMinute: USUAL_PER_MINUTE },
      { name: 'HTTPCode_Target_4XX_Count', perMinute: REFUSED_PER_MINUTE },
    ],
  },
};

/**
 * By the name of a fault that a case has alone. A case of any other fault begins as a person asks for it: too few users notice, or (servers
 * that are cut off from a store which the collector reads) logins fail with 5xx, and no alarm on those starts a runbook by itself, or
 * (sessions that one server cannot read) people log in again with one answer each and get more than a quarter of their pages: so many also
 * do when bots come.
 */
export const ALARM_OF: Readonly<Record<string, CaseAlarm>> = {
  'store-down': UNREACHABLE,
  'store-not-redundant': UNREACHABLE,
  'store-failing-over': { of: 'store', alarm: 'failover' },
  // Two of five minutes.
  'store-rejects-logins': {
    ...{ of: 'store', alarm: 'authentication-failures' },
    earlier: { minutes: 1, metrics: [{ name: PROBLEM_METRICS.authenticationFailures, perMinute: 12 }] },
  },
  'structural-growth': MEMORY,
  'not-sessions': MEMORY,
  'stickiness-off': REFUSALS,
  'route-mismatch': REFUSALS,
  'session-changes-server': REFUSALS,
  'secure-cookie-on-http': REFUSALS,
};

export const nameOfAlarm = (one: CaseAlarm, installation: string, fleet: string): string =>
  one.of === 'store' ? storeAlarmName(installation, one.alarm) : fleetAlarmName(installation, fleet, one.alarm);
