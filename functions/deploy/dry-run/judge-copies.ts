/** What the servers of a cluster answer of their copies, by what a deploy would do. Pure. */
import type { CopiesSeen } from '../../instance/steps/sessions.ts';
import { describeAlone, LONGEST_COPYING_MS } from '../command/copies.ts';
import type { CopiesAnswer } from './contract.ts';
import type { DryRunFacts } from './facts.ts';

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
