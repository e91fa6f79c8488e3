/** What the page of each case has to have besides its cause: how sure it is, what it is about, and what it says to do first. Pure. */

import type { Cause, Confidence } from '../../../functions/incidents/contract/causes.ts';
import type { Step } from '../../../functions/incidents/report/incident-page.ts';
import { holdfast } from '../../../functions/shared/command-options.ts';

/**
 * Certain until causes had to explain what hurts users: one of 80 % of each channel of theirs, the time when it began, and a witness of a
 * second kind is missing.
 */
const WEAKER = 'likely';

/**
 * How sure each case's finding has to be, by the name of the case. `likely`: what shows the cause is words of a log, a count that names no
 * user, one server of two, or a contract that does not name where sessions are. `certain`: two witnesses of different kinds show the same, and it
 * explains what hurts users.
 */
export const CONFIDENCE: Readonly<Record<string, Confidence>> = {
  // The Node example's contract does not count sessions: that they are in the servers' memory is the strategy's word alone.
  'stickiness-off': 'likely',
  'route-mismatch': 'likely',
  'session-changes-server': 'likely',
  'deploy-in-progress': 'likely',
  // Tomcat's contract counts the sessions in its memory, both logs name the sessions that move, and the target group shows why.
  'stickiness-off-tomcat': WEAKER,
  'stickiness-off-access-log-valve': 'certain',
  // One client can begin sessions on both servers and send each to the other: nothing but the logs shows this cause.
  'session-changes-server-tomcat': 'likely',
  'session-changes-server-access-log-valve': 'likely',
  'timeout-too-short': WEAKER,
  // Anybody can send requests that seem to come from another site.
  'same-site-strict': 'likely',
  'secure-cookie-on-http': WEAKER,
  'store-connection-failures': 'certain',
  'unreadable-sessions': 'likely',
  evictions: 'certain',
  // Nodes that are silent can also be cut off by the network.
  'store-down': WEAKER,
  'store-not-redundant': WEAKER,
  'store-failing-over': 'certain',
  'server-partitioned': 'likely',
  'store-rejects-logins': 'likely',
  'store-read-only': 'likely',
  // Sessions without an expiry hold less than a fifth of the store after half a minute; with large sessions among them, most of it.
  'missing-expiry': 'likely',
  'missing-expiry+large-sessions': WEAKER,
  'large-sessions': 'certain',
  'session-per-request': 'certain',
  'structural-growth': 'certain',
  'not-sessions': 'certain',
  'unreadable-sessions+bot': 'likely',
  'server-partitioned+pausing-users': 'likely',
};

/** The first step of a page by what was found: a command without its options and ids. Any of these is right. */
export const FIRST_STEPS: Readonly<Partial<Record<Cause | 'nothing', readonly string[]>>> = {
  nothing: ['doctor'],
  'stickiness-off': ['doctor'],
  'session-changes-server': ['doctor'],
  // A deploy in the local cloud can end before the servers' logs are read.
  'deploy-in-progress': ['deploys abort ID', 'deploys show ID', 'deploys'],
  'timeout-too-short': ['sweep --lives raise --dry-run'],
  // What the application has to change is for the day; at night the previous release, where one was deployed in the window.
  'same-site': ['deploys', 'deploy ID'],
  'cookies-stripped': ['doctor'],
  'store-connection-failures': ['incidents show ID --verbose', 'doctor'],
  'unreadable-sessions': ['deploys'],
  'store-full': ['store'],
  'store-down': ['incidents show ID --verbose'],
  'store-failing-over': ['store'],
  'server-partitioned': ['restart ID', 'status'],
  'store-refuses': ['doctor', 'store'],
  'missing-expiry': ['sweep --dry-run'],
  'large-sessions': ['sweep --dry-run --full'],
  'session-per-request': ['sweep --lives shorten-anonymous --dry-run'],
  'not-sessions': ['sweep --dry-run --full'],
};

/** A step as {@link FIRST_STEPS} names it. */
export function kindOf({ text, commands }: Pick<Step, 'text' | 'commands'>): string {
  const [command] = commands;
  if (command === undefined) return text;
  const [ofAws] = /\baws [a-z-]+ [a-z-]+/.exec(command) ?? [];
  if (ofAws !== undefined) return ofAws;
  return command
    .replace(`${holdfast('')} `, '')
    .replace(/ ?--fleet .*$/, '')
    .replace(/^((?:deploys|incidents) \w+|restart|deploy) \S+/, '$1 ID');
}

/** What a page shows besides its cause. */
export interface Shown {
  /** `fleet web`, or `the session store` where an alarm of the store opened the incident. */
  readonly about: string;
  /** Undefined: the page says nothing to do. */
  readonly firstStep: string | undefined;
}

/** What a case expects of its page, besides the cause. */
export interface ExpectedPage {
  readonly name: string;
  readonly about: string;
}

/** A sentence for each thing on the page of a right finding that is not as expected. @param found the cause, or `nothing` */
export function pageProblems(
  { name, about }: ExpectedPage,
  found: string,
  confidence: string | undefined,
  shown: Shown,
): readonly string[] {
  const sure = found === 'nothing' ? undefined : CONFIDENCE[name];
  const steps = FIRST_STEPS[found as Cause | 'nothing'] ?? [];
  const isFirst = steps.some((step) => shown.firstStep === step);
  return [
    ...(confidence === sure ? [] : [`the finding is ${confidence ?? 'without a confidence'}, and its evidence makes it ${sure ?? 'none'}`]),
    ...(shown.about === about ? [] : [`the page is about ${shown.about}, and the fault about ${about}`]),
    ...(isFirst ? [] : [`the page says first ${JSON.stringify(shown.firstStep ?? '')}, and not ${steps.join(' or ')}`]),
  ];
}
