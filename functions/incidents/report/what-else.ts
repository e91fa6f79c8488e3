/** What hurts users next to what the named cause explains: a second trouble, which nobody would look for once the first has a cause. Pure. */
import { sharesOf } from '../classify/share.ts';
import { rowOf } from '../classify/table.ts';
import type { Finding } from '../contract/causes.ts';
import type { Evidence } from '../contract/evidence.ts';
import type { Channel, ChannelName } from '../trouble/channels.ts';
import { nounOf, sentenceOf } from '../trouble/sentences.ts';
import { hurtingChannels, isEarlier, troubleOf } from '../trouble/trouble.ts';
import { CHANNEL_STEPS } from './channel-steps.ts';
import type { Step } from './incident-page.ts';
import type { StepContext } from './step-context.ts';

/** What users get, and how much of it. Redirects to the login follow from many a trouble, and one client can fill what is left out besides. */
const OF_USERS: readonly ChannelName[] = [
  'lost',
  'refusals',
  'errors',
  'balancerRefusals',
  'balancerErrors',
  'signIns',
  'logins',
  'requests',
];
/** Below this part the cause has next to nothing to do with it. */
const SOME = 0.2;

interface Else {
  readonly name: ChannelName;
  readonly channel: Channel;
}

/** Those that the cause does not claim, or that have nothing of it; most first. */
function elseOf(finding: Finding | undefined, evidence: Evidence | undefined): readonly Else[] {
  const row = finding?.verdict === 'cause' ? rowOf(finding.cause) : undefined;
  if (row === undefined || evidence === undefined) return [];
  const hurt = hurtingChannels(troubleOf(evidence)).filter(
    ({ name, channel }) => OF_USERS.includes(name) && !isEarlier(channel, evidence.firstSignMs),
  );
  const explained = hurt.length === 0 ? [] : sharesOf(row, evidence).filter(({ most }) => most >= SOME);
  return hurt.filter(({ name }) => !explained.some(({ channel }) => channel === name));
}

/** In a sentence; the first line of the page has the worst already. */
export function elseText(finding: Finding | undefined, evidence: Evidence | undefined): string[] {
  const [worst] = evidence === undefined ? [] : hurtingChannels(troubleOf(evidence));
  return elseOf(finding, evidence).flatMap(({ name, channel }) =>
    evidence === undefined || name === worst?.name ? [] : [`What else hurts users: ${sentenceOf(name, channel, evidence)}.`],
  );
}

/** What to do about the worst of it that goes on. */
export function elseSteps(finding: Finding | undefined, evidence: Evidence | undefined, options: string, context: StepContext): Step[] {
  const other = elseOf(finding, evidence).find(({ channel }) => channel.untilMs === undefined);
  if (other === undefined) return [];
  const [first, ...others] = CHANNEL_STEPS[other.name](options, context);
  const why = `The ${nounOf(other.name)} can be another trouble.`;
  return first === undefined ? [] : [{ ...first, text: `${why} ${first.text}` }, ...others];
}
