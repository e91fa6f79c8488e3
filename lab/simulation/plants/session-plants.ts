/** What is wrong with the wait for sessions in a server's memory. */
import type { Plant } from './plant.ts';

const CALM = ['calm', 'brief'];
const STOPPED = ['Pin', 'Wait for sessions', 'Watch sessions'].map((state) => `a deploy is stopped at ${state}`);
/** Refused where sessions are waited for. */
const PAUSES = ['a deploy that waits is continued', 'a deploy waits until its time is up', 'a deploy that waits is rejected'];

export const SESSION_PLANTS: readonly Plant[] = [
  {
    name: 'a route is looked for in every cookie',
    file: 'functions/deploy/sessions/pin-pattern.ts',
    text: '^(.*; *)?$' + '{escaped(cookie)}=[^;]*[.]',
    becomes: '^.*[.]',
    caughtBy: 'S9',
    in: CALM,
  },
  {
    name: 'a route is looked for without the end of its token',
    file: 'functions/deploy/sessions/pin-pattern.ts',
    text: '("|[.][^;]*)?(;.*)?$`;',
    becomes: '`;',
    caughtBy: 'S9',
    in: CALM,
  },
  {
    name: 'the rule loses its hosts and paths as a deploy changes it',
    file: 'functions/shared/aws/drain-rule.ts',
    text: 'Conditions: [...others, header]',
    becomes: 'Conditions: others.length < 0 ? others : [header]',
    caughtBy: 'S14',
    in: CALM,
  },
  {
    name: 'a server leaves the main group before every node has the rule',
    file: 'functions/deploy/sessions/decide-pin.ts',
    text: "nowMs - pinnedAtMs >= lagMs ? 'leaveMain' : 'wait'",
    becomes: "lagMs > 0 ? 'leaveMain' : 'wait'",
    caughtBy: 'S9',
    in: CALM,
  },
  {
    name: 'the wait ends with sessions left',
    file: 'functions/deploy/sessions/judge-sessions.ts',
    text: 'return count === 0 && nowMs',
    becomes: 'return count !== undefined && nowMs',
    caughtBy: 'S9',
    in: CALM,
  },
  {
    name: 'the drain group is emptied before every node follows the rule',
    file: 'functions/deploy/sessions/unpin.ts',
    text: 'const isEverywhere = nowMs - progress.neutralSinceMs >= lagMs;',
    becomes: 'const isEverywhere = lagMs > 0;',
    caughtBy: 'S1',
    in: CALM,
  },
  {
    name: 'a deploy that is stopped releases the sessions of a server that is not back',
    file: 'functions/deploy/sessions/unpin.ts',
    text: "state === 'healthy' && goesBack(instanceId));",
    becomes: "state === 'healthy' && goesBack(instanceId) && false);",
    caughtBy: 'S9',
    in: STOPPED,
  },
  {
    name: 'a rule that a deployment of the templates has reset is not set again',
    file: 'functions/deploy/sessions/sessions.ts',
    text: 'if (front.pattern !== wanted) {',
    becomes: 'if (front.pattern !== wanted && nowMs === 0) {',
    caughtBy: 'S9',
    in: ['the templates are deployed while sessions are waited for'],
  },
  {
    name: 'the nodes are taken to follow the rule from the beginning of the call that changes it',
    file: 'functions/deploy/sessions/unpin.ts',
    text: 'return { ...next.progress, neutralSinceMs: now() };',
    becomes: 'return { ...next.progress, neutralSinceMs: now() - 40_000 };',
    caughtBy: 'S1',
    in: CALM,
  },
  {
    name: 'a terminating server goes while sessions are kept on it',
    file: 'functions/lifecycle/terminate.ts',
    text: "await drainGroup.describeHealth()).state === 'healthy'",
    becomes: "await drainGroup.describeHealth()).state === 'none'",
    caughtBy: 'S1',
    in: ['a server is terminated while its sessions are waited for'],
  },
  {
    name: 'a deploy that waits for sessions stops after its first servers',
    file: 'functions/deploy/sessions/sessions.ts',
    text: 'if (unfit !== undefined) throw new InvalidInput(unfit);',
    becomes: "if (unfit === '') throw new InvalidInput(unfit);",
    caughtBy: 'S13',
    in: PAUSES,
  },
  {
    name: 'the drain rule is left',
    file: 'functions/deploy/sessions/unpin.ts',
    text: '    await rule.release(hold);',
    becomes: '',
    caughtBy: 'F5',
    in: STOPPED,
  },
  {
    name: 'a deploy that is stopped leaves its pinned server to the reconciler',
    file: 'functions/deploy/sessions/sessions.ts',
    text: 'return stepRelease(ports, deploy, request.release, hold);',
    becomes:
      "return request.release.waitingSinceMs < 0 ? stepRelease(ports, deploy, request.release, hold) : { verdict: 'DONE', release: request.release };",
    caughtBy: 'F5',
    in: STOPPED,
  },
];
