/** What is wrong in the end: F1 to F7. */
import type { Plant } from './plant.ts';

export const FINAL_STATE_PLANTS: readonly Plant[] = [
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
    name: 'a clean-up waits without end for commands that have ended',
    file: 'functions/deploy/clean-up/clean-up.ts',
    text: "return { verdict: running === 0 || overdue ? 'DONE' : 'WAIT' };",
    becomes: "return { verdict: 'WAIT' };",
    caughtBy: 'F1',
    in: ['abort'],
  },
  {
    name: 'a deploy that ended stays open',
    file: 'functions/records/dynamo-lock-records.ts',
    text: "UpdateExpression: 'DELETE openDeploys :closed',",
    becomes: "UpdateExpression: 'ADD openDeploys :closed',",
    caughtBy: 'F2',
    in: ['calm', 'brief'],
  },
  {
    name: 'a target that was rolled back is recorded as done',
    file: 'functions/deploy/command/command.ts',
    text: "isRollback ? 'rolledBack' : 'done'",
    becomes: "'done'",
    caughtBy: 'F6',
    in: ['bad release', 'abort'],
  },
  {
    name: 'a release that was promoted is rolled back',
    file: 'functions/deploy/clean-up/next-target.ts',
    text: "mode: promoted ? 'halt' : settings.onFailure,",
    becomes: 'mode: settings.onFailure,',
    caughtBy: 'F6',
    in: ['abort', 'chaos'],
  },
  {
    name: 'a clean-up looks for no commands',
    file: 'functions/deploy/clean-up/clean-up.ts',
    text: 'const found = await commands.running(instanceId, startedAtMs, commandId);',
    becomes: 'const found: string[] = [];',
    caughtBy: 'F4',
    in: ['an agent is silent as its deploy is stopped'],
  },
];
