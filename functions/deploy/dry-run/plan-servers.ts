import type { CopiesSeen } from '../../instance/steps/sessions.ts';
import type { AppContract } from '../../shared/app-contract.ts';
import { isMultiplexed } from '../../shared/aws/target-group.ts';
import { NO_RELEASE, UNKNOWN_RELEASE } from '../../shared/version.ts';
import { type FleetMember, servesUsers } from '../assess/fleet-members.ts';
import { offersCounts } from '../assess/preflight.ts';
import { describeAlone, LONGEST_COPYING_MS } from '../command/copies.ts';
import type { ServerSessions } from '../sessions/judge-routes.ts';
import type { CopiesAnswer, PlannedServer } from './contract.ts';
import type { DryRunFacts } from './facts.ts';

type Drained = Pick<DryRunFacts, 'contracts' | 'protocolVersion' | 'drainRule' | 'sessions'> & {
  readonly deploy: { readonly settings: Pick<DryRunFacts['deploy']['settings'], 'drainSignal'> };
};

/** What shows when the requests of a server have ended; whether the kernel shows its connections only the drain itself finds out. */
export function drainOf({ version }: Pick<FleetMember, 'version'>, facts: Drained): PlannedServer['drain'] {
  const { drainSignal } = facts.deploy.settings;
  if (version === NO_RELEASE) return 'none';
  if (drainSignal === 'blind') return 'blind';
  const app: AppContract | undefined = facts.contracts.get(version);
  if (drainSignal !== 'kernel' && offersCounts(app)) return 'counts';
  return drainSignal === 'counts' || isMultiplexed(facts.protocolVersion) ? 'blind' : 'kernel';
}

/** Whether the deploy stops this server only when another one holds each of its sessions. */
export const waitsForCopies = (member: Pick<FleetMember, 'health' | 'version'>, { contracts }: Pick<DryRunFacts, 'contracts'>): boolean =>
  servesUsers(member) && contracts.get(member.version)?.copies !== undefined;

/** Whether the deploy waits for the sessions of this server: it serves, and its release counts them, or the server itself does. */
export function waitsForSessions(member: FleetMember, { contracts, drainRule, sessions }: Drained): boolean {
  if (drainRule === undefined || !servesUsers(member)) return false;
  const seen = sessions.get(member.instanceId);
  return !seen?.placeholder && (seen?.count !== undefined || contracts.get(member.version)?.sessions !== undefined);
}

/** What is known of the sessions of each server that the deploy asks for them: those that serve, and are rolled. */
export const sessionsOf = (facts: DryRunFacts): readonly ServerSessions[] =>
  facts.toRoll.filter(servesUsers).map((member) => ({
    ...facts.sessions.get(member.instanceId),
    instanceId: member.instanceId,
    counts: waitsForSessions(member, facts),
    adopted: member.version === UNKNOWN_RELEASE,
  }));

/**
 * Why a session is held by no other server, by the words of a Tomcat release (SessionCopies, LoneSessions); each names the member first.
 * None of these passes with a minute.
 */
export const LASTING = ['is not reached: its port is closed', 'sends messages that this server cannot read', 'could not read'] as const;
/** It has no copy yet, or has not said so yet: both can be over in a moment. */
export const PASSING = ['lacks', 'does not answer'] as const;
/** Names no member: the session itself cannot be written, so that no member ever has it. */
export const UNWRITABLE = 'some cannot be written here';

const DID_NOT_ANSWER: CopiesSeen = { reason: 'it did not answer' };

/** What each server with a release has answered. A number that is not known is absent. */
export const copiesAnswers = ({ copies }: Pick<DryRunFacts, 'copies'>): readonly CopiesAnswer[] =>
  copies
    .map(({ instanceId, seen = DID_NOT_ANSWER }) => ({ instanceId, ...seen }))
    .filter(({ placeholder }) => !placeholder)
    .map(({ instanceId, alone, reason }) => ({
      instanceId,
      ...(alone !== undefined && { sessionsAlone: alone }),
      ...(reason && { reason }),
    }));

interface CopiesJudgement {
  /** Each of these would end the deploy before the server is stopped. */
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

type Judged = Pick<DryRunFacts, 'copies' | 'toRoll'> & { readonly recover: boolean };

/**
 * Sessions that no other server holds, or a server that does not say: a deploy waits, and then ends before it stops the server. That is a
 * problem if the wait cannot help; otherwise, and for a deploy that goes on anyway, a warning.
 */
export function judgeCopies(facts: Judged): CopiesJudgement {
  const { recover, toRoll } = facts;
  const problems: string[] = [];
  const warnings: string[] = [];
  const wait = `waits for up to ${LONGEST_COPYING_MS / 1000} s`;
  for (const { instanceId, sessionsAlone: alone, reason } of copiesAnswers(facts)) {
    if (alone === 0) continue;
    const what = describeAlone(instanceId, { ...(alone !== undefined && { alone }), ...(reason !== undefined && { reason }) });
    if (!toRoll.some((member) => member.instanceId === instanceId)) warnings.push(`${what}. The deploy leaves this server alone.`);
    else if (recover)
      warnings.push(`${what}. A deploy that recovers the fleet ${wait} and stops the server all the same: such sessions end.`);
    else if (isLasting(reason)) problems.push(what);
    else warnings.push(`${what}. This can be over in a moment: the deploy ${wait}, and ends before it stops the server if it is not.`);
  }
  return { problems, warnings };
}

/** Whether no member can come to hold the sessions: one that only lacks them now still can. */
export function isLasting(reason = ''): boolean {
  if (reason.includes(UNWRITABLE)) return true;
  const lasting = membersWith(reason, LASTING);
  return lasting.size > 0 && [...membersWith(reason, PASSING)].every((member) => lasting.has(member));
}

function membersWith(reason: string, words: readonly string[]): ReadonlySet<string> {
  const named = new RegExp(`(\\S+:[0-9]+) (?:${words.join('|')})\\b`, 'g');
  return new Set([...reason.matchAll(named)].map(([, member = '']) => member));
}
