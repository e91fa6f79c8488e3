import { describe, expect, it } from 'vitest';
import {
  type Hook,
  type HookResult,
  LAUNCHING,
  type LifecycleAction,
  type LifecycleState,
  TERMINATING,
} from '../../auto-scaling/group-state.ts';
import { judgeHealth } from '../../auto-scaling/judge-health.ts';
import { type MemberView, nextStep } from '../../auto-scaling/plan-lifecycle.ts';

function hook(transition: Hook['transition'], defaultResult: HookResult = 'ABANDON'): Hook {
  return { name: 'h', transition, heartbeatTimeoutSeconds: 60, defaultResult };
}
function waiting(result?: HookResult, changes: Partial<LifecycleAction> = {}): LifecycleAction {
  return { hook: hook(LAUNCHING), token: 't', deadlineMs: 5000, globalDeadlineMs: 9000, result, ...changes };
}
function kindOf(state: LifecycleState, changes: Partial<MemberView> = {}): string | undefined {
  return nextStep({ state, actions: [], targetStates: [], hooks: [], ...changes }, 1000)?.kind;
}

describe('nextStep', () => {
  const onlyLaunch = [hook(LAUNCHING)];
  const onlyTerminate = [hook(TERMINATING)];
  const cases: readonly (readonly [string, LifecycleState, Partial<MemberView>, string | undefined])[] = [
    ['a launch without hooks goes into service', 'Pending', { hooks: onlyTerminate }, 'enterService'],
    ['a launch with a hook waits', 'Pending', { hooks: onlyLaunch }, 'waitForHooks'],
    ['a waiting launch stays', 'Pending:Wait', { actions: [waiting()] }, undefined],
    ['CONTINUE of one of two hooks is not enough', 'Pending:Wait', { actions: [waiting('CONTINUE'), waiting()] }, undefined],
    ['CONTINUE of all hooks proceeds', 'Pending:Wait', { actions: [waiting('CONTINUE'), waiting('CONTINUE')] }, 'proceed'],
    ['ABANDON of one hook abandons the launch', 'Pending:Wait', { actions: [waiting('ABANDON'), waiting()] }, 'abandonLaunch'],
    ['a time-out takes the default ABANDON', 'Pending:Wait', { actions: [waiting(undefined, { deadlineMs: 1000 })] }, 'abandonLaunch'],
    [
      'a time-out takes the default CONTINUE',
      'Pending:Wait',
      { actions: [waiting(undefined, { deadlineMs: 1000, hook: hook(LAUNCHING, 'CONTINUE') })] },
      'proceed',
    ],
    [
      'heartbeats end at the global time-out',
      'Pending:Wait',
      { actions: [waiting(undefined, { globalDeadlineMs: 999 })] },
      'abandonLaunch',
    ],
    ['after the hooks it goes into service', 'Pending:Proceed', {}, 'enterService'],
    ['a termination deregisters before the hooks', 'Terminating', { hooks: onlyTerminate }, 'deregister'],
    [
      'the drain is waited for before the hooks',
      'Terminating',
      { hooks: onlyTerminate, drainDeadlineMs: 2000, targetStates: ['draining'] },
      undefined,
    ],
    [
      'a drain past its bound is not waited for',
      'Terminating',
      { hooks: onlyTerminate, drainDeadlineMs: 1000, targetStates: ['draining'] },
      'waitForHooks',
    ],
    [
      'after the drain the hooks wait',
      'Terminating',
      { hooks: onlyTerminate, drainDeadlineMs: 2000, targetStates: ['unused'] },
      'waitForHooks',
    ],
    ['without hooks the termination proceeds', 'Terminating', { drainDeadlineMs: 2000, targetStates: [undefined] }, 'proceed'],
    ['ABANDON of a terminating hook ends the wait', 'Terminating:Wait', { actions: [waiting('ABANDON'), waiting()] }, 'proceed'],
    ['then the machine ends', 'Terminating:Proceed', {}, 'endMachine'],
    ['InService stays', 'InService', { hooks: onlyLaunch }, undefined],
  ];
  it.each(cases)('%s', (_title, state, changes, expected) => {
    expect(kindOf(state, changes)).toBe(expected);
  });
});

describe('judgeHealth', () => {
  const healthy = { healthCheckType: 'ELB', inServiceAtMs: 0, gracePeriodSeconds: 60, running: true, targetStates: ['healthy'] };
  const cases = [
    ['a stopped machine fails at once, grace period or not', { running: false }, 1000, 'EC2'],
    ['an unhealthy target is let be in the grace period', { targetStates: ['unhealthy'] }, 59_999, undefined],
    ['an unhealthy target fails after the grace period', { targetStates: ['unhealthy'] }, 60_000, 'ELB'],
    ['an unused target fails', { targetStates: ['healthy', 'unused'] }, 60_000, 'ELB'],
    ['a target that somebody deregistered fails', { targetStates: [undefined] }, 60_000, 'ELB'],
    ['initial and draining do not fail', { targetStates: ['initial', 'draining'] }, 60_000, undefined],
    ['without ELB checks the target does not matter', { healthCheckType: 'EC2', targetStates: ['unhealthy'] }, 60_000, undefined],
    ['several check types are separated by commas', { healthCheckType: 'EBS,ELB', targetStates: ['unhealthy'] }, 60_000, 'ELB'],
  ] as const;
  it.each(cases)('%s', (_title, changes, nowMs, expected) => {
    expect(judgeHealth({ ...healthy, ...changes }, nowMs)).toBe(expected);
  });
});
