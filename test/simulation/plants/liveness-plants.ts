/** What is not achieved: L1 to L5. */
import type { Plant } from './plant.ts';

export const LIVENESS_PLANTS: readonly Plant[] = [
  {
    name: 'a rollback skips targets that are done',
    file: 'functions/deploy/clean-up/choose-rollback.ts',
    text: ".filter(([, target]) => target.phase !== 'rolledBack' && !rollbackFailed(target) && !hasPreviousRelease(target))",
    becomes:
      ".filter(([, target]) => target.phase !== 'rolledBack' && target.phase !== 'done' && !rollbackFailed(target) && !hasPreviousRelease(target))",
    caughtBy: 'L3',
    in: ['bad release', 'abort'],
  },
  {
    name: 'the reconciler starts no clean-up',
    file: 'functions/deploy/reconcile/reconcile.ts',
    text: 'await executions.start(ports.cleanUpStateMachineArn, { deployId });',
    becomes: '',
    caughtBy: 'L5',
    in: ['chaos'],
  },
  {
    name: 'the start of a child execution is not repeated',
    file: 'infra/constructs/steps.ts',
    text: 'task.addRetry({ errors: START_ERRORS, ...FOR_A_MINUTE });',
    becomes: '',
    caughtBy: 'L2',
    in: ['brief'],
  },
  {
    name: 'a child that ended before its start was answered counts as failed',
    file: 'functions/deploy/assess/assess.ts',
    text: "if (target?.phase === 'done') return { verdict: 'DONE' };",
    becomes: '',
    caughtBy: 'L2',
    in: ['brief'],
  },
  {
    name: 'a lock that is released forgets its token',
    file: 'functions/records/dynamo-lock-records.ts',
    text: "UpdateExpression: 'REMOVE deployId, heldBy, executionArn, requestedBy, version, acquiredAtMs, expiresAtMs',",
    becomes: "UpdateExpression: 'REMOVE deployId, heldBy, executionArn, requestedBy, version, acquiredAtMs, expiresAtMs, fencingToken',",
    caughtBy: 'L4',
    in: ['bad release', 'abort'],
  },
  {
    name: 'the reconciler does not release the lock of a deploy that has ended',
    file: 'functions/deploy/reconcile/reconcile.ts',
    text: 'const released = await releaseLeftLock(ports, lock);',
    becomes: 'const released = undefined;',
    caughtBy: 'L5',
    in: ['a clean-up cannot release the lock'],
  },
  {
    name: 'a drain has no more time than the silence that it waits for',
    file: 'functions/instance/decide-drain.ts',
    text: "if (sinceDeregistrationSeconds < lastSliceEndSeconds(limits)) return decided('REPEAT');",
    becomes: "if (sinceDeregistrationSeconds < limits.quietSeconds) return decided('REPEAT');",
    caughtBy: 'L1',
    in: ['calm'],
  },
  {
    name: 'what Lambda refuses is repeated for seconds only',
    file: 'infra/constructs/steps.ts',
    text: 'task.addRetry({ errors: [...this.props.transientErrors, ...SERVICE_ERRORS], ...FOR_A_MINUTE });',
    becomes: '',
    caughtBy: 'L2',
    in: ['brief'],
  },
];
