import type { AwaitedTargets } from '../contract/assess-steps.ts';
import type { DeployContext } from '../contract/common.ts';
import { awaitRolls, deathOf, type OwnRolls, type RollPorts } from '../rolls/await-rolls.ts';
import { namesOf } from '../rolls/in-flight.ts';
import { UNENDED } from '../target-phases.ts';

/**
 * DONE: a roll has ended, and another can begin. FAILED: one has failed, and all others have ended. REPEAT and WAIT: none has ended, and
 * after a failure also: not all have.
 */
export async function awaitTargets(ports: RollPorts, deploy: DeployContext, seen: readonly string[]): Promise<AwaitedTargets> {
  const { fleet, deployId } = deploy;
  const { atWork, someEnded, unstarted, again } = await awaitRolls(ports, deploy, { seen, recordDeath: deathRecorder(ports, deploy) });
  const failure = (await ports.records.getDeploy(fleet, deployId))?.firstFailure;
  const common = { waitingSinceMs: 0, waitSeconds: again.waitSeconds, atWork: namesOf(atWork) };
  if (failure && unstarted) {
    // What it was chosen for has failed since: it is not begun.
    const { instanceId, executionName } = unstarted;
    await ports.records.updateTarget(fleet, deployId, instanceId, { died: executionName }, { executionName, phases: ['waiting'] });
    return { verdict: 'REPEAT', ...common };
  }
  if (failure && atWork.length === 0) return { verdict: 'FAILED', error: failure, ...common };
  if (failure) return { verdict: someEnded ? 'REPEAT' : again.verdict, ...common };
  return { verdict: someEnded || unstarted ? 'DONE' : again.verdict, ...common };
}

/**
 * The target of a roll that died stays in its phase, by which the clean-up knows what to do with it. One bad newcomer does not roll a good
 * deploy back: it is left as it is.
 */
const deathRecorder =
  ({ records, now }: RollPorts, { fleet, deployId }: DeployContext): OwnRolls['recordDeath'] =>
  async ({ instanceId, executionName, phase, mayFail }, execution) => {
    const error = deathOf(instanceId, execution, phase);
    const asItWas = { executionName, phases: UNENDED };
    if (mayFail) {
      const left = { phase: 'failed', finishedAtMs: now(), detail: error.Cause, died: executionName } as const;
      await records.updateTarget(fleet, deployId, instanceId, left, asItWas);
      return;
    }
    // Read after the execution was seen to be over: it records its end before, so that an end that is not on record now never comes.
    const target = (await records.getDeploy(fleet, deployId))?.targets[instanceId];
    if (target?.executionName !== executionName || !UNENDED.includes(target.phase)) return;
    // The failure first: one that is known to have died is no longer looked at, so that after a stop between the two nobody would record it.
    await records.recordFirstFailure(fleet, deployId, error);
    await records.updateTarget(fleet, deployId, instanceId, { died: executionName }, asItWas);
  };
