import { FEWEST_SAMPLES } from '../../../functions/collect/watch-lookups.ts';
import { counted } from '../../../functions/shared/counted.ts';
import { alarmsTopicArn, subscribeCommand } from '../../installation/alarms-topic.ts';
import { meaningOf } from '../../installation/attention/alarm-view.ts';
import { recordsOf, type StoreFacts } from '../facts.ts';
import { type Check, type Findings, type StoreCheck, topic } from '../finding.ts';
import { known } from '../lookup.ts';

interface Watched {
  /** Name of the check. */
  readonly check: string;
  readonly names: readonly string[];
  /** What the alarms are for. */
  readonly why: string;
  /** What an alarm that is missing means. */
  readonly whyNot: string;
  /** @default creating it again */
  readonly fixMissing?: (name: string) => string;
  /** What an alarm in ALARM means besides what it is about. */
  readonly whileInAlarm?: string;
}

const CREATE_AGAIN =
  'create it again as in the template of its stack ("npx --no cdk synth" prints it): a deploy of the stack does not notice that it is missing, drift detection does';

/** The alarms that a deploy watches, and the alarms about deploys. */
export const checkDeployAlarms: Check = (facts, { alarmNames, settings }) =>
  judgeAlarms(facts, {
    check: 'alarm',
    names: alarmNames,
    why: 'a deploy stops when one of its alarms goes into ALARM',
    whyNot: 'an alarm that is missing cannot stop it',
    fixMissing: (name) =>
      settings.alarmNames.includes(name) ? 'correct deploy.alarmNames: no deploy starts with this name in it' : CREATE_AGAIN,
    whileInAlarm: 'a deploy does not stop for an alarm that was in ALARM before it',
  });

/** The alarms of the session store, which the fleets of an installation share. */
export const checkStoreAlarms: StoreCheck = (facts, { storeAlarmNames }) =>
  judgeAlarms(facts, {
    check: 'store-alarm',
    names: storeAlarmNames,
    why: 'a failure of the store logs users out, and its alarms warn before that',
    whyNot: 'a missing alarm cannot warn',
  });

/** Days before `active-session-drop` compares with the same weekday. */
const DAYS = 7;

/** Alarms that compare with earlier readings are quiet until there are enough. */
export const checkAlarmBaselines: StoreCheck = (facts, { hasDeploys }) => {
  const record = facts.baseline && known(facts.baseline);
  if (!record) return [];
  // A record of an earlier version has none.
  const [days, readings] = [(record.days?.length ?? 0) - 1, record.lookups?.samples.length ?? 0];
  // Of a load balancer, which a store alone has none of.
  const ofLoadBalancer = hasDeploys ? ', logins-repeated, load-balancer-refusals, redirects, refusals' : '';
  const ofLogins = hasDeploys ? ', logins-repeated' : '';
  const quiet = [
    ...(readings < FEWEST_SAMPLES ? [`sessions-lost, logins-again, lookups-gone${ofLoadBalancer}`] : []),
    ...(readings >= FEWEST_SAMPLES && record.sweep === undefined
      ? [`sessions-lost, logins-again${ofLogins} (before the first sweep)`]
      : []),
    ...(days < DAYS ? ['active-session-drop'] : []),
  ];
  const about = topic('alarm-baseline', 'session store', 'an alarm that compares with earlier readings is quiet until it has them');
  if (quiet.length === 0) return about.ok('every alarm has what it compares with');
  const until = days < DAYS ? 'wait: readings take ten minutes, days a week' : 'wait: readings take ten minutes';
  return about.notice(`${quiet.join(', and ')} cannot fire yet`, until);
};

/** SNS deletes a subscription that is not confirmed by then. @see https://docs.aws.amazon.com/sns/latest/dg/sns-delete-subscription-topic.html */
const CONFIRM_WITHIN = '48 hours';

/** Whether anybody hears of an alarm by the topic. No warning: some take alarms from EventBridge, or by actions of their own. */
export const checkAlarmSubscribers: StoreCheck = (facts, subject) => {
  const subscriptions = known(facts.alarmSubscriptions);
  if (!subscriptions) return [];
  const { confirmed, pending } = subscriptions;
  const about = topic(
    'alarm-subscribers',
    alarmsTopicArn(subject),
    'alarms and reports of incidents go to this topic, and reach only who has confirmed a subscription; doctor sees neither EventBridge nor actions of your own',
  );
  const waiting = `${counted(pending, 'subscription')} ${pending === 1 ? 'waits for its' : 'wait for their'} confirmation`;
  if (confirmed > 0) return about.ok(`the topic of the alarms has ${counted(confirmed, 'subscriber')}${pending > 0 ? `; ${waiting}` : ''}`);
  if (pending === 0) return about.notice('nobody is subscribed to the topic of the alarms', subscribeCommand(subject));
  return about.notice(
    `${waiting}: ${pending === 1 ? 'it gets' : 'they get'} nothing`,
    `open the link in the mail of SNS, which deletes an unconfirmed subscription after ${CONFIRM_WITHIN}; without that mail subscribe again: ${subscribeCommand(subject)}`,
  );
};

/** The alarms on what starts and tends incidents, and on what stays in effect. */
export const checkIncidentAlarms: StoreCheck = (facts, { incidentAlarmNames }) =>
  judgeAlarms(facts, {
    check: 'incident-alarm',
    names: incidentAlarmNames,
    why: 'an alarm starts a runbook, and what a runbook leaves is ended on a schedule',
    whyNot: 'without these alarms nobody hears that either has stopped working, or that a mitigation has been in effect for long',
  });

/** Findings about some alarms: each exists, and is not in ALARM. */
function judgeAlarms(facts: StoreFacts, watched: Watched): Findings {
  const { check, names, why, whyNot, fixMissing = () => CREATE_AGAIN, whileInAlarm } = watched;
  const alarms = known(facts.alarms);
  // Nothing is deployed yet, so there are no alarms either.
  const isAbsent = recordsOf(facts).state === 'absent';
  if (!alarms || names.length === 0 || (isAbsent && Object.keys(alarms).length === 0)) return [];
  const findings = names.flatMap((name): Findings => {
    const about = topic(check, name, `${why}; ${whyNot}`);
    const { state, description = '' } = alarms[name] ?? {};
    if (state === undefined) return about.warning(`alarm ${name} does not exist`, fixMissing(name));
    if (state === 'ALARM') {
      // The installation's own say what they are about, and where the runbook has it; others are the user's.
      const meaning = meaningOf(description);
      const means = [...(meaning ? [meaning.sentence] : []), ...(whileInAlarm === undefined ? [] : [whileInAlarm])].join('; ');
      const fix = meaning
        ? `see ${meaning.runbook}`
        : 'find out why: it is not an alarm of Holdfast, so that docs/runbook has no heading for it';
      return topic(check, name, means || why).warning(`alarm ${name} is in ALARM`, fix);
    }
    if (state === 'INSUFFICIENT_DATA')
      return about.notice(`alarm ${name} has no data yet`, 'wait a few minutes; if that does not help, check its dimensions');
    return [];
  });
  return findings.length > 0
    ? findings
    : topic(check, names.join(', '), why).ok(
        `${counted(names.length, 'alarm')} ${names.length === 1 ? 'exists and is' : 'exist and are'} OK`,
      );
}
