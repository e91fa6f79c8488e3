/** Changes around the begin of the trouble, by whom and how long before, as CloudTrail has them. Pure. */
import { counted } from '../../shared/counted.ts';
import { clockText, minuteText } from '../../shared/times.ts';
import { type ChangeFacts, type ChangeKind, type Evidence, factsOf } from '../contract/evidence.ts';
import { beganMs, changesWithin } from '../trouble/changes.ts';
import { hurtBefore } from './hurt-before.ts';
import { plain } from './plain.ts';
import type { Suspect } from './step-context.ts';

type Change = ChangeFacts['changes'][number];

/** What was done, where it is more than a change of it. */
const DID: Readonly<Partial<Record<ChangeKind, string>>> = { 'store-snapshot': 'began', zone: 'took traffic away from' };
const KINDS: Readonly<Partial<Record<ChangeKind, string>>> = {
  'store-snapshot': 'a backup of the store',
  zone: 'a zone',
  'network-acl': 'a network ACL',
  'security-group': 'a security group',
  route: 'a route of the network',
  'store-user': 'a user of the store',
  'store-password': 'a password of the store',
  'store-reboot': 'a node of the store',
  secret: 'a secret',
  waf: 'the web ACL',
  'balancer-rule': "a rule of the load balancer's listener",
  listener: 'a listener',
  stickiness: "the target group's stickiness",
  instance: 'a server',
};
/** What is older did not begin it, and what came after did not either. */
const BEFORE_MS = 15 * 60_000;
/** The begin is a whole minute, and clocks differ. */
const AFTER_MS = 90_000;

/** The nearest first; the installation's own before those that can be another application's. @param aws a command of the AWS CLI, where one works */
export function suspectsOf(
  evidence: Evidence | undefined,
  sinceMs: number | undefined,
  aws: (words: string) => string | undefined,
): readonly Suspect[] {
  if (evidence === undefined) return [];
  // The cause is nearer than the trouble, where that began with something else.
  const nearMs = sinceMs ?? beganMs(evidence);
  return changesWithin(evidence, Object.keys(KINDS) as ChangeKind[], { fromMs: nearMs - BEFORE_MS, untilMs: nearMs + AFTER_MS })
    .toSorted((one, other) => Number(other.isOwn ?? false) - Number(one.isOwn ?? false) || other.atMs - one.atMs)
    .map((change) => ({
      ...suspectOf(change, nearMs, hurtBefore(evidence, nearMs)),
      ...withOther(change, otherOf(change, evidence, nearMs - BEFORE_MS), aws),
    }));
}

/** The next change of the same resource, which can have put it back, else one before it, which it can have put back itself. */
function otherOf({ atMs, eventId, kind, resource }: Change, evidence: Evidence, fromMs: number): Change | undefined {
  // A backup is taken again, and not back.
  if (kind === 'store-snapshot') return undefined;
  const same = (factsOf(evidence, 'changes')?.changes ?? [])
    .filter((one) => one.kind === kind && one.resource === resource && one.eventId !== eventId && one.atMs >= fromMs)
    .toSorted((one, other) => one.atMs - other.atMs);
  return same.find((one) => one.atMs >= atMs) ?? same.at(-1);
}

function withOther(
  change: Change,
  other: Change | undefined,
  aws: (words: string) => string | undefined,
): Pick<Suspect, 'commands' | 'again'> {
  const commands = [change, ...(other ? [other] : [])].flatMap(({ eventId }) =>
    /^[\w-]{1,64}$/.test(eventId)
      ? (aws(
          `cloudtrail lookup-events --lookup-attributes AttributeKey=EventId,AttributeValue=${eventId} --query 'Events[0].CloudTrailEvent' --output text`,
        ) ?? [])
      : [],
  );
  if (other === undefined) return { commands };
  const when = other.atMs < change.atMs ? 'before' : 'again';
  return {
    commands,
    again: plain(`It was changed ${when} at ${minuteText(other.atMs)} (${other.event}): undo nothing before you have seen both.`),
  };
}

function suspectOf(change: Change, nearMs: number, hurtMs: number | undefined): Pick<Suspect, 'text' | 'kind'> {
  const { atMs, event, resource, kind = 'other' } = change;
  const minutes = Math.round((nearMs - atMs) / 60_000);
  const what = hurtMs === undefined ? 'it began' : 'its first sign';
  const near =
    minutes > 0 ? `, ${counted(minutes, 'minute')} before ${what}` : hurtMs === undefined ? ', when it began' : ', at its first sign';
  const before = hurtMs !== undefined && hurtMs < atMs ? `${near}, while users were hurt from ${minuteText(hurtMs)} on` : near;
  const other = change.isOwn ? '' : ' It can be of another application.';
  return {
    text: plain(
      `At ${clockText(atMs).slice(0, 5)} UTC ${whoText(change)} ${DID[kind] ?? 'changed'} ${KINDS[kind]} (${event} of ${shortName(resource)})${before}.${other}`,
    ).replace(/\.$/, ''),
    kind,
  };
}

/** `targetgroup/live-web/73e2d6bc24d8a067` of an ARN. */
const shortName = (resource: string): string => resource.replace(/^arn:[^:]*:[^:]*:[^:]*:[^:]*:/, '');

/** `a person (role Network)`; `role terraform` */
function whoText({ who, roleArn }: Change): string {
  const role = /[:/]([\w+=,.@-]+)$/.exec(roleArn.replace(/(assumed-role\/[^/]+)\/.*$/, '$1'))?.[1];
  const named = role === undefined || /^an? /.test(roleArn) ? roleArn : `role ${role}`;
  if (who === 'service') return 'a service of AWS';
  return who === 'person' ? `a person (${named})` : named;
}
