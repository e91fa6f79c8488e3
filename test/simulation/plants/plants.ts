/** Faults of the engine that the simulation has to find: one line each, changed while the file is loaded. */
import type { PredicateId } from '../predicates/predicate.ts';

export interface Plant {
  readonly name: string;
  /** From the repository's root. */
  readonly file: string;
  /** Part of a line, or a whole one; it is in the file exactly once. */
  readonly text: string;
  readonly becomes: string;
  /** What has to find it. */
  readonly caughtBy: PredicateId;
}

export const PLANTS: readonly Plant[] = [
  {
    name: 'a drain is over at once',
    file: 'functions/instance/decide-drain.ts',
    text: 'if (elapsedSeconds >= limits.drainFloorSeconds && answer.inFlight === 0 && answer.quietSeconds >= limits.quietSeconds) {',
    becomes: 'if (elapsedSeconds >= 0) {',
    caughtBy: 'S1',
  },
  {
    name: 'silence after a deregistration is not awaited',
    file: 'functions/deploy/assess/choose-quiet.ts',
    text: 'if (requestsPerMinute.length < FEWEST_MINUTES) return quietSeconds;',
    becomes: 'return 0;',
    caughtBy: 'S1',
  },
  {
    name: 'a terminating instance is not drained',
    file: 'functions/lifecycle/terminate.ts',
    text: "if (verdict === 'DONE') return { verdict, termination };",
    becomes: "return { verdict: 'DONE', termination };",
    caughtBy: 'S1',
  },
  {
    name: 'the minimum of healthy targets is not checked',
    file: 'functions/deploy/assess/choose-next-target.ts',
    text: 'if (!choice.recover) checkMinimum(members, next, limits.minimumHealthyTargets);',
    becomes: '',
    caughtBy: 'S2',
  },
  {
    name: 'a registered target counts as healthy',
    file: 'functions/deploy/traffic/judge-registration.ts',
    text: "if (health.state === 'healthy') return 'DONE';",
    becomes: "return 'DONE';",
    caughtBy: 'S2',
  },
  {
    name: 'the lock is held by id alone, without the token',
    file: 'functions/records/dynamo-lock-records.ts',
    text: "const HELD_BY_US = 'deployId = :deployId AND fencingToken = :token';",
    becomes: "const HELD_BY_US = 'deployId = :deployId AND :token = :token';",
    caughtBy: 'S3',
  },
  {
    name: 'a lock is taken before its lease is over',
    file: 'functions/records/dynamo-lock-records.ts',
    text: "const taken = await take(request, 'attribute_not_exists(deployId) OR (expiresAtMs <= :now AND deployId <> :deployId)');",
    becomes: "const taken = await take(request, 'attribute_not_exists(deployId) OR (:now = :now AND deployId <> :deployId)');",
    caughtBy: 'S3',
  },
  {
    name: 'a lost lease is not noticed',
    file: 'functions/records/hold-lease.ts',
    text: 'if (await records.renewLease(hold, expiresAtMs)) return { ...lease, expiresAtMs };',
    becomes: 'await records.renewLease(hold, expiresAtMs); return { ...lease, expiresAtMs };',
    caughtBy: 'S3',
  },
  {
    name: 'a clean-up does not let stray calls end',
    file: 'functions/deploy/clean-up/claim-deploy.ts',
    text: 'const common = { deploy, ...end, strayCallSeconds: error ? 0 : deploy.settings.strayCallSeconds };',
    becomes: 'const common = { deploy, ...end, strayCallSeconds: 0 };',
    caughtBy: 'S3',
  },
  {
    name: 'a clean-up does not wait for cancelled commands',
    file: 'functions/deploy/clean-up/clean-up.ts',
    text: "return { verdict: running === 0 || overdue ? 'DONE' : 'WAIT' };",
    becomes: "return { verdict: 'DONE' };",
    caughtBy: 'S3',
  },
  {
    name: 'the health gate accepts another release',
    file: 'functions/instance/judge-gate.ts',
    text: 'const isRightVersion = answer.version === subject.version;',
    becomes: 'const isRightVersion = true;',
    caughtBy: 'S4',
  },
  {
    name: 'the health gate passes at once',
    file: 'functions/instance/judge-gate.ts',
    text: "if (upInARow >= limits.healthyInARow) return { verdict: 'DONE', progress };",
    becomes: "return { verdict: 'DONE', progress };",
    caughtBy: 'S4',
  },
  {
    name: 'a release that failed its checks is registered again',
    file: 'functions/deploy/traffic/decide-put-back.ts',
    text: "if (UNFIT.has(errorName)) return { action: 'takeOut'",
    becomes: "if (UNFIT.has(errorName)) return { action: 'register'",
    caughtBy: 'S4',
  },
  {
    name: 'members are not marked healthy before Auto Scaling resumes',
    file: 'functions/deploy/scaling/scaling.ts',
    text: 'for (const instanceId of members) await group.markHealthy(instanceId);',
    becomes: '',
    caughtBy: 'S5',
  },
  {
    name: 'Auto Scaling is not resumed',
    file: 'functions/deploy/scaling/scaling.ts',
    text: 'if (suspension.suspendedByDeploy.length > 0) await group.resume(suspension.suspendedByDeploy);',
    becomes: '',
    caughtBy: 'F3',
  },
  {
    name: 'what a deploy that died has suspended is not taken over',
    file: 'functions/deploy/scaling/plan-suspension.ts',
    text: 'const alreadySuspended = SUSPENDED_PROCESSES.filter((process) => group.suspendedProcesses.includes(process) && !open.includes(process));',
    becomes: 'const alreadySuspended = SUSPENDED_PROCESSES.filter((process) => group.suspendedProcesses.includes(process));',
    caughtBy: 'F3',
  },
  {
    name: 'a release is promoted by whoever comes last',
    file: 'functions/records/dynamo-records.ts',
    text: "ConditionExpression: 'attribute_not_exists(fencingToken) OR fencingToken <= :token',",
    becomes: "ConditionExpression: 'attribute_not_exists(fencingToken) OR fencingToken <> :token OR fencingToken = :token',",
    caughtBy: 'S6',
  },
  {
    name: 'a rollback skips targets that are done',
    file: 'functions/deploy/clean-up/choose-rollback.ts',
    text: ".filter(([, target]) => target.phase !== 'rolledBack' && !rollbackFailed(target) && !keptRelease(target))",
    becomes:
      ".filter(([, target]) => target.phase !== 'rolledBack' && target.phase !== 'done' && !rollbackFailed(target) && !keptRelease(target))",
    caughtBy: 'L3',
  },
  {
    name: 'the reconciler starts no clean-up',
    file: 'functions/deploy/reconcile/reconcile.ts',
    text: 'await executions.start(ports.cleanUpStateMachineArn, { deployId });',
    becomes: '',
    caughtBy: 'L5',
  },
  {
    name: 'the installed release is not recorded',
    file: 'functions/deploy/command/command.ts',
    text: 'await records.putInstance(fleet, { instanceId: roll.instanceId, version: releases.version, installedAtMs: now() });',
    becomes: '',
    caughtBy: 'F7',
  },
  {
    name: 'the report of a deploy that failed is not closed with its error',
    file: 'functions/deploy/control/control.ts',
    text: "const status = error ? endedAs : 'SUCCEEDED';",
    becomes: "const status = 'SUCCEEDED';",
    caughtBy: 'F6',
  },
  {
    name: 'a launch installs whatever release is on record for the version',
    file: 'functions/lifecycle/launch.ts',
    text: "if (current !== version) return { verdict: 'REPEAT', launch: { ...launch, version: undefined, commandId: undefined } };",
    becomes: '',
    caughtBy: 'F6',
  },
  {
    name: 'a failure is not recorded for a target that nobody finished',
    file: 'functions/deploy/control/control.ts',
    text: 'if (error) await failUnfinishedTargets(records, deploy, error, finishedAtMs);',
    becomes: '',
    caughtBy: 'F6',
  },
  {
    name: 'an overdue command is left running',
    file: 'functions/instance/instance-commands.ts',
    text: 'await runCommand.cancel(commandId, instanceId).catch((error: unknown) => {',
    becomes: 'await Promise.resolve().catch((error: unknown) => {',
    caughtBy: 'F4',
  },
  {
    name: 'a put-back is not written into the record',
    file: 'functions/deploy/traffic/traffic.ts',
    text: "if (action === 'register') await targetGroup.register(instanceId, registrations);",
    becomes: '',
    caughtBy: 'L3',
  },
];
