/** What watches an installation, protects it, and is around it: alarms, termination protection, the clock, zones. */
import { FEWEST_SAMPLES } from '../collect/watch-lookups.ts';
import { type Check, checksOf, error, type Judged, notice, ok, warning } from '../shared/check.ts';
import { counted } from '../shared/texts.ts';
import type { Facts } from './facts.ts';
import type { Subject } from './subject.ts';

const check = checksOf<Facts>('doctor');

const CREATE_AGAIN =
  'create it again as in the template of its stack ("npx --no cdk synth" prints it): a deploy of the stack does not notice that it is missing, drift detection does';
/** Days before `active-session-drop` compares with the same weekday. */
const DAYS = 7;
/** SNS deletes a subscription that is not confirmed by then. @see https://docs.aws.amazon.com/sns/latest/dg/sns-delete-subscription-topic.html */
const CONFIRM_WITHIN = '48 hours';
/**
 * AWS refuses a request whose time differs from its own by more than this.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
 */
const REFUSED_SECONDS = 300;
const SKEWED_SECONDS = 30;

interface Watched {
  readonly what: string;
  readonly why: string;
  readonly whyNot: string;
  readonly namesOf: (facts: Pick<Facts, 'scope'> & { readonly subject?: Subject | undefined }) => readonly string[];
  /** @default creating it again */
  readonly fixMissing?: (name: string, subject: Subject | undefined) => string;
  /** What an alarm in ALARM means besides what it is about. */
  readonly whileInAlarm?: string;
}

/** Each alarm exists, and is not in ALARM. */
const alarmsCheck = (name: string, { what, why, whyNot, namesOf, fixMissing = () => CREATE_AGAIN, whileInAlarm }: Watched): Check<Facts> =>
  check(name, ['scope', 'alarms', 'meaningOf', 'isInstalled?', 'subject?'], {
    ...{ what, why },
    judge({ alarms, meaningOf, isInstalled, scope, subject }) {
      const names = namesOf({ scope, subject });
      // Nothing is deployed yet, so there are no alarms either.
      if (names.length === 0 || (isInstalled === false && Object.keys(alarms).length === 0)) return undefined;
      const found = names.flatMap((resource): readonly Judged[] => {
        const about = { resource, why: `${why}; ${whyNot}` };
        const { state, description = '' } = alarms[resource] ?? {};
        if (state === undefined) return [warning(`alarm ${resource} does not exist`, fixMissing(resource, subject), about)];
        if (state === 'ALARM') {
          // The installation's own say what they are about, and where the runbook has it; others are the user's.
          const meaning = meaningOf(description);
          const means = [meaning?.sentence, whileInAlarm].filter((one) => one !== undefined).join('; ');
          const fix = meaning
            ? `see ${meaning.runbook}`
            : 'find out why: it is not an alarm of Holdfast, so that docs/runbook has no heading for it';
          return [warning(`alarm ${resource} is in ALARM`, fix, { resource, why: means || why })];
        }
        const fix = 'wait a few minutes; if that does not help, check its dimensions';
        return state === 'INSUFFICIENT_DATA' ? [notice(`alarm ${resource} has no data yet`, fix, about)] : [];
      });
      const exist = `${counted(names.length, 'alarm')} ${names.length === 1 ? 'exists and is' : 'exist and are'} OK`;
      return found.length > 0 ? found : ok(exist, '', { resource: names.join(', ') });
    },
  });

/** Of the store, and where incidents begin. */
export const ALARMS: readonly Check<Facts>[] = [
  alarmsCheck('store-alarm', {
    what: 'the alarms of the store, which the fleets of an installation share',
    why: 'a failure of the store logs users out, and its alarms warn before that',
    whyNot: 'a missing alarm cannot warn',
    namesOf: ({ scope }) => scope.storeAlarmNames,
  }),
  check('alarm-baseline', ['scope', 'baseline'], {
    what: 'whether alarms have the earlier readings that they compare with',
    why: 'an alarm that compares with earlier readings is quiet until it has them',
    resource: () => 'session store',
    judge({ scope: { hasDeploys }, baseline }) {
      // A record of an earlier version has none.
      const [days, readings] = [(baseline.days?.length ?? 0) - 1, baseline.lookups?.samples.length ?? 0];
      // Of a load balancer, which a store alone has none of.
      const ofLoadBalancer = hasDeploys ? ', logins-repeated, load-balancer-refusals, redirects, refusals' : '';
      const ofLogins = hasDeploys ? ', logins-repeated' : '';
      const quiet = [
        ...(readings < FEWEST_SAMPLES ? [`sessions-lost, logins-again${ofLoadBalancer}`] : []),
        ...(readings >= FEWEST_SAMPLES && baseline.sweep === undefined
          ? [`sessions-lost, logins-again${ofLogins} (before the first sweep)`]
          : []),
        ...(days < DAYS ? ['active-session-drop'] : []),
      ];
      if (quiet.length === 0) return ok('every alarm has what it compares with');
      const until = days < DAYS ? 'wait: readings take ten minutes, days a week' : 'wait: readings take ten minutes';
      return notice(`${quiet.join(', and ')} cannot fire yet`, until);
    },
  }),
  alarmsCheck('incident-alarm', {
    what: 'the alarms on what starts and tends incidents, and on what stays in effect',
    why: 'an alarm starts a runbook, and what a runbook leaves is ended on a schedule',
    whyNot: 'without these alarms nobody hears that either has stopped working, or that a mitigation has been in effect for long',
    namesOf: ({ scope }) => scope.incidentAlarmNames,
  }),
  // No warning: some take alarms from EventBridge, or by actions of their own.
  check('alarm-subscribers', ['alarmsTopic', 'alarmSubscriptions'], {
    what: 'whether anybody has confirmed a subscription to the topic of the alarms',
    why: 'alarms and reports of incidents go to this topic, and reach only who has confirmed a subscription; doctor sees neither EventBridge nor actions of your own',
    judge({ alarmsTopic: { subscribe }, alarmSubscriptions: { confirmed, pending } }) {
      const waiting = `${counted(pending, 'subscription')} ${pending === 1 ? 'waits for its' : 'wait for their'} confirmation`;
      if (confirmed > 0) return ok(`the topic of the alarms has ${counted(confirmed, 'subscriber')}${pending > 0 ? `; ${waiting}` : ''}`);
      if (pending === 0) return notice('nobody is subscribed to the topic of the alarms', subscribe);
      return notice(
        `${waiting}: ${pending === 1 ? 'it gets' : 'they get'} nothing`,
        `open the link in the mail of SNS, which deletes an unconfirmed subscription after ${CONFIRM_WITHIN}; without that mail subscribe again: ${subscribe}`,
      );
    },
  }),
];

export const DEPLOY_ALARMS = alarmsCheck('alarm', {
  what: 'the alarms that a deploy watches, and the alarms about deploys',
  why: 'a deploy stops when one of its alarms goes into ALARM',
  whyNot: 'an alarm that is missing cannot stop it',
  namesOf: ({ subject }) => subject?.alarmNames ?? [],
  fixMissing: (name, subject) =>
    subject?.settings.alarmNames.includes(name) ? 'correct deploy.alarmNames: no deploy starts with this name in it' : CREATE_AGAIN,
  whileInAlarm: 'a deploy does not stop for an alarm that was in ALARM before it',
});

export const INSTALLATION: readonly Check<Facts>[] = [
  check('zones', ['subject', 'zones'], {
    what: 'whether the account has the zones of a created network',
    why: 'Holdfast creates a network with subnets in these zones, and EC2 refuses one in another zone',
    resource: ({ subject }) => subject.region,
    judge({ subject: { region, zones }, zones: ofAccount }) {
      if (zones === undefined) return undefined;
      const { missing, instead } = judgeZones(zones, ofAccount);
      if (missing.length === 0) return ok(`the account has the configured zones ${listed(zones)}`);
      const what = `the account does not have zone${missing.length > 1 ? 's' : ''} ${listed(missing)} of the configuration in ${region}: it has ${listed(ofAccount) || 'none'}`;
      if (instead.length < 2) return error(what, 'choose another Region: Holdfast needs two zones');
      return error(what, `set "zones": ${JSON.stringify(instead)} in the configuration`);
    },
  }),
  check('clock', ['clockSkewMs'], {
    what: "this machine's clock",
    why: 'requests are signed with the time, and this report compares leases and certificates with it',
    resource: () => 'this machine',
    judge({ clockSkewMs: skewMs }) {
      const seconds = Math.round(Math.abs(skewMs) / 1_000);
      const what = `this machine's clock is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} AWS's`;
      if (seconds >= REFUSED_SECONDS) return error(what, 'set the clock: AWS refuses requests that differ by five minutes');
      if (seconds >= SKEWED_SECONDS) return warning(what, 'enable time synchronization (NTP)');
      return ok("this machine's clock matches AWS's");
    },
  }),
  // Only the retention `protected` has it. `cdk deploy` turns it on, so somebody turned it off.
  check('termination-protection', ['scope', 'terminationProtection'], {
    what: "termination protection of the installation's last stack",
    why: 'while it is off, cdk destroy deletes the installation without a question',
    resource: ({ scope }) => scope.lastStackName,
    judge({ scope: { lastStackName }, terminationProtection }) {
      if (lastStackName === undefined) return undefined;
      const what = `termination protection of the stack ${lastStackName}`;
      return terminationProtection ? ok(`${what} is on`) : warning(`${what} is off`, 'run "npx --no cdk deploy --all"');
    },
  }),
];

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
