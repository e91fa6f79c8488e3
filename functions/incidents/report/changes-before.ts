/** What changed shortly before the trouble began, the nearest first: by CloudTrail, deploys on record and the store's failovers. Pure. */
import { restartText } from '../../records/outcome-text.ts';
import { counted, minuteText } from '../../shared/texts.ts';
import type { Finding } from '../contract/causes.ts';
import { CHANGES_COME_LATER, type ChangeFacts, type ChangeKind, type Evidence, type Facts, factsOf } from '../contract/evidence.ts';
import { beganMs, changesWithin } from '../trouble/changes.ts';
import { failoversOf } from '../trouble/store-health.ts';
import type { IncidentPage } from './incident-page.ts';
import { plain } from './plain.ts';

type Change = ChangeFacts['changes'][number];

/** A change around the begin of the trouble, which can be its cause. */
export interface Suspect {
  readonly kind: ChangeKind;
  readonly atMs: number;
  readonly isOwn: boolean;
  /** `At 13:24 UTC role terraform changed a security group (RevokeSecurityGroupIngress of sg-1), 2 minutes before it began.` */
  readonly text: string;
  readonly undo: string;
  /** Events of CloudTrail: the whole change, and the other one of the same resource. */
  readonly eventIds: readonly string[];
}

const KINDS: Readonly<Partial<Record<ChangeKind, string>>> = {
  'store-snapshot': 'began a backup of the store',
  zone: 'took traffic away from a zone',
  'network-acl': 'changed a network ACL',
  'security-group': 'changed a security group',
  route: 'changed a route of the network',
  'store-user': 'changed a user of the store',
  'store-password': 'changed a password of the store',
  'store-reboot': 'changed a node of the store',
  secret: 'changed a secret',
  waf: 'changed the web ACL',
  'balancer-rule': "changed a rule of the load balancer's listener",
  listener: 'changed a listener',
  stickiness: "changed the target group's stickiness",
  instance: 'changed a server',
};
/** How a change is taken back, where that is more than to repeat what was before. */
const BACK: Readonly<Partial<Record<ChangeKind, string>>> = {
  'store-password': 'add the replaced password again',
  'store-user': 'set its access string back, or add the replaced password again',
  'store-snapshot': 'take backups when few people are there',
  zone: 'cancel the shift when that zone is well again',
};
/** What is older did not begin it, and what came after did not either. */
const BEFORE_MS = 15 * 60_000;
/** The begin is a whole minute, and clocks differ. */
const AFTER_MS = 90_000;

/** The installation's own before those that can be another application's. @param sinceMs of the cause, which is nearer than the trouble where that began with something else */
export function suspectsOf(evidence: Evidence | undefined, sinceMs: number | undefined): readonly Suspect[] {
  if (evidence === undefined) return [];
  const nearMs = sinceMs ?? beganMs(evidence);
  const fromMs = nearMs - BEFORE_MS;
  return changesWithin(evidence, Object.keys(KINDS) as ChangeKind[], { fromMs, untilMs: nearMs + AFTER_MS })
    .toSorted((one, other) => Number(other.isOwn ?? false) - Number(one.isOwn ?? false) || other.atMs - one.atMs)
    .map((change) => suspectOf(change, nearMs, otherOf(change, evidence, fromMs)));
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

function suspectOf(change: Change, nearMs: number, other: Change | undefined): Suspect {
  const { atMs, event, resource, kind = 'other', isOwn = false } = change;
  const minutes = Math.round((nearMs - atMs) / 60_000);
  const near = minutes > 0 ? `${counted(minutes, 'minute')} before it began` : 'when it began';
  // `targetgroup/live-web/73e2d6bc24d8a067` of an ARN.
  const what = `${event} of ${resource.replace(/^arn:[^:]*:[^:]*:[^:]*:[^:]*:/, '')}`;
  const undo =
    other === undefined
      ? `If ${event} at ${minuteText(atMs)} was not meant, ${BACK[kind] ?? 'put it back'} first. This prints who, from where, and what.`
      : `It was changed ${other.atMs < atMs ? 'before' : 'again'} at ${minuteText(other.atMs)} (${other.event}), next to ${event} at ${minuteText(atMs)}: undo nothing before you have seen both.`;
  return {
    ...{ kind, atMs, isOwn, undo: plain(undo) },
    text: plain(
      `At ${minuteText(atMs)} ${whoText(change)} ${KINDS[kind]} (${what}), ${near}.${isOwn ? '' : ' It can be of another application.'}`,
    ),
    eventIds: [change, ...(other ? [other] : [])].map(({ eventId }) => eventId).filter((id) => /^[\w-]{1,64}$/.test(id)),
  };
}

/** `a person (role Network)`; `role terraform` */
function whoText({ who, roleArn }: Change): string {
  const role = /[:/]([\w+=,.@-]+)$/.exec(roleArn.replace(/(assumed-role\/[^/]+)\/.*$/, '$1'))?.[1];
  const named = role === undefined || /^an? /.test(roleArn) ? roleArn : `role ${role}`;
  if (who === 'service') return 'a service of AWS';
  return who === 'person' ? `a person (${named})` : named;
}

/** The page's lines: the nearest first, then what of these minutes is not known. */
export function changesBefore(
  finding: Finding | undefined,
  evidence: Evidence | undefined,
): Pick<IncidentPage, 'changes' | 'notKnownBefore'> {
  if (evidence === undefined || finding === undefined || finding.verdict === 'nothing') return { changes: [] };
  const sinceMs = finding.verdict === 'cause' ? finding.sinceMs : undefined;
  const began = beganMs(evidence);
  const isNear = (fromMs: number, untilMs: number) =>
    [began, evidence.firstSignMs, sinceMs ?? began].some((atMs) => atMs >= fromMs - 2 * AFTER_MS && atMs <= untilMs + BEFORE_MS);
  const deploys = (factsOf(evidence, 'deploys')?.deploys ?? []).filter(({ startedAtMs, finishedAtMs = evidence.toMs }) =>
    isNear(startedAtMs, finishedAtMs),
  );
  const failovers = failoversOf(evidence).filter((atMs) => isNear(atMs, atMs));
  const found = [
    ...suspectsOf(evidence, sinceMs),
    ...deploys.map((deploy) => ({ atMs: deploy.startedAtMs, isOwn: true, text: deployText(deploy) })),
    ...failovers.map((atMs) => ({ atMs, isOwn: true, text: `At ${minuteText(atMs)} the store failed over.` })),
  ].toSorted((one, other) => Number(other.isOwn) - Number(one.isOwn) || other.atMs - one.atMs);
  const notKnownBefore = unreadChanges(evidence, began, found.length);
  return { changes: found.map(({ text }) => text), ...(notKnownBefore !== undefined && { notKnownBefore }) };
}

const ENDED: Readonly<Record<string, string>> = { FAILED: 'failed', ABORTED: 'was aborted', TIMED_OUT: 'timed out' };

function deployText({ from, to, status, startedAtMs, finishedAtMs, ...restarts }: Facts['deploys']['deploys'][number]): string {
  const what = restartText(restarts) ?? `deploy from ${from} to ${to}`;
  const end = finishedAtMs === undefined ? 'it still runs' : `it ${ENDED[status] ?? 'ended'} at ${minuteText(finishedAtMs)}`;
  return plain(`At ${minuteText(startedAtMs)} a ${what} began; ${end}.`);
}

/** CloudTrail is minutes late: that nothing is known of a minute is not that nothing was changed. */
function unreadChanges(evidence: Evidence, began: number, found: number): string | undefined {
  const { toMs, sources } = evidence;
  const { changes } = sources;
  if (changes === undefined) return undefined;
  if ('gap' in changes)
    return changes.gap.startsWith(CHANGES_COME_LATER)
      ? `CloudTrail, which is minutes late, is not read yet: the next re-check reads it, by ${changes.gap.slice(CHANGES_COME_LATER.length)}.`
      : `CloudTrail was not read: ${plain(changes.gap)}.`;
  const { completeUntilMs } = changes.facts;
  if (completeUntilMs < began)
    return `Changes after ${minuteText(completeUntilMs)} are not all known yet: look again at ${minuteText(2 * toMs - completeUntilMs)}.`;
  if (found > 0) return undefined;
  const last = (factsOf(evidence, 'deploys')?.deploys ?? []).find(({ finishedAtMs = began }) => finishedAtMs < began);
  const deploy = last?.finishedAtMs === undefined ? '' : `; the last deploy ended at ${minuteText(last.finishedAtMs)}`;
  return `None is known in the 15 minutes before (CloudTrail, deploys, failovers; not DNS and CloudFront)${deploy}.`;
}
