import type { ResolvedSettings } from '../deploy/settings/settings.ts';
import type { VerdictOf } from '../shared/verdict.ts';
import type { Member } from './choose-next.ts';
import { ReplacementFailed } from './errors.ts';

export interface Replacement {
  readonly instanceId: string;
  /** Members before it was taken out. */
  readonly known: readonly string[];
  /** Members that were launched since, as earlier checks found them. */
  readonly newcomers: readonly string[];
  readonly members: readonly Member[];
  readonly desiredCapacity: number;
  readonly startedAtMs: number;
  readonly nowMs: number;
  readonly timeoutSeconds: number;
}

export interface ReplacementJudgement {
  readonly verdict: VerdictOf<'DONE' | 'WAIT'>;
  readonly newcomers: readonly string[];
  /** Absent when the group has become smaller, and none is needed. */
  readonly replacement?: Member;
}

type Times = Pick<
  ResolvedSettings,
  | 'newcomerTimeoutSeconds'
  | 'deregistrationDelaySeconds'
  | 'drainTimeoutSeconds'
  | 'installTimeoutSeconds'
  | 'healthDeadlineSeconds'
  | 'registerTimeoutSeconds'
>;

/**
 * Longest time of one replacement, if the group launches the new server only after the old one has gone: the old server's drain by Auto
 * Scaling and by its hook (300 + 290 s), boot and user data (1,200 s), install and gate (300 s each), health at the load balancer (360 s).
 * By default 2,750 s.
 */
export const replacementTimeoutSeconds = (times: Times): number =>
  times.deregistrationDelaySeconds +
  times.drainTimeoutSeconds +
  times.newcomerTimeoutSeconds +
  times.installTimeoutSeconds +
  times.healthDeadlineSeconds +
  times.registerTimeoutSeconds;

const isLeaving = ({ lifecycleState }: Member): boolean => lifecycleState.startsWith('Terminating');
const serves = ({ lifecycleState, health }: Member): boolean => lifecycleState === 'InService' && health === 'healthy';

/**
 * Whether another server serves in place of the terminated one. A new server that disappears before it served shows that launches fail:
 * Auto Scaling would go on trying, so the refresh stops.
 * @throws ReplacementFailed naming what became of the new server; also if it was launched from the same template and image as the old one
 */
export function judgeReplacement(facts: Replacement): ReplacementJudgement {
  const { instanceId, members, desiredCapacity, nowMs, startedAtMs, timeoutSeconds } = facts;
  const present = members.filter((member) => !isLeaving(member) && !facts.known.includes(member.instanceId));
  const lost = facts.newcomers.find((newcomer) => !present.some((member) => member.instanceId === newcomer));
  if (lost !== undefined) {
    throw new ReplacementFailed(
      `${lost}, which was launched in place of ${instanceId}, was terminated before it served: its launch failed`,
    );
  }
  const newcomers = present.map((member) => member.instanceId);
  const isGone = !members.some((member) => member.instanceId === instanceId && !isLeaving(member));
  const replacement = present.find(serves);
  if (isGone && replacement) {
    if (replacement.why === undefined) return { verdict: 'DONE', newcomers, replacement };
    throw new ReplacementFailed(`${replacement.instanceId}, which replaced ${instanceId}, is outdated as well: ${replacement.why}`);
  }
  if (isGone && present.length === 0 && members.filter(serves).length >= desiredCapacity) return { verdict: 'DONE', newcomers };
  if (nowMs - startedAtMs < timeoutSeconds * 1000) return { verdict: 'WAIT', newcomers };
  const states = present.map((member) => `${member.instanceId} is ${member.lifecycleState}, ${member.health} at the load balancer`);
  throw new ReplacementFailed(
    `no server replaced ${instanceId} within ${timeoutSeconds} s: ${states.join('; ') || 'the group has launched none; see its scaling activities'}`,
  );
}
