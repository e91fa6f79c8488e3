/** Faults of AWS and of servers in mid-deploy, under live traffic: what the deploy does, and what users may see of it. */
import { describe, expect, it } from 'vitest';
import type { FaultInput } from '#local-aws/faults/fault-rule.ts';
import { until } from '../until.ts';
import { startsLate } from './bad-releases.ts';
import { byFault, deployUnderFault, type Row, untilInPhase } from './deploy-under-fault.ts';
import { killServer } from './fleet.ts';

/** The deploy's own functions: a throttled test would show nothing. */
const DEPLOY = '*/holdfast-web-deploy-*';
const throttled = (service: string, code: string): FaultInput => ({
  on: 'call',
  match: { service, caller: DEPLOY },
  when: { forMs: 25_000 },
  effect: { kind: 'error', code },
});
const lost = (source: string): FaultInput => ({ on: 'event', match: { source }, effect: { kind: 'drop' } });
const killed = (target: string, version?: string) => until(() => killServer(target, version), `${target} is killed`, 20_000);

const ROWS: readonly Row[] = [
  {
    fault: 'a throttled load balancer',
    rules: () => [throttled('elasticloadbalancing', 'Throttling')],
    ends: 'SUCCEEDED',
  },
  {
    fault: 'a throttled Systems Manager',
    rules: () => [throttled('ssm', 'ThrottlingException')],
    ends: 'SUCCEEDED',
  },
  {
    fault: 'InvocationDoesNotExist for every command at first',
    rules: () => [
      {
        on: 'call',
        match: { service: 'ssm', action: 'GetCommandInvocation', caller: DEPLOY },
        when: { first: 8 },
        effect: { kind: 'error', code: 'InvocationDoesNotExist', message: '' },
      },
    ],
    ends: 'SUCCEEDED',
  },
  {
    fault: 'functions whose process dies, in three of their steps',
    rules: () =>
      ['sendInstall', 'register', 'nextTarget'].map((payload) => ({
        on: 'invocation',
        match: { function: 'holdfast-web-deploy-*', payload },
        when: { first: 1 },
        effect: { kind: 'die' },
      })),
    ends: 'SUCCEEDED',
  },
  {
    fault: 'answers of the load balancer and of Systems Manager that are lost after the work',
    rules: () =>
      (
        [
          ['elasticloadbalancing', 'DeregisterTargets'],
          ['elasticloadbalancing', 'RegisterTargets'],
          ['ssm', 'SendCommand'],
        ] as const
      ).map(([service, action]) => ({
        on: 'call',
        match: { service, action, caller: DEPLOY },
        when: { first: 1 },
        effect: { kind: 'loseAnswer' },
      })),
    ends: 'SUCCEEDED',
  },
  {
    fault: 'events of Systems Manager and Step Functions that are lost',
    rules: () => [lost('aws.ssm'), lost('aws.states')],
    ends: 'SUCCEEDED',
  },
  {
    fault: 'a download of the release that breaks off half-way',
    rules: ({ version }) => [
      {
        on: 'call',
        match: { service: 's3', action: 'GetObject', resource: `*${version}*` },
        when: { first: 1 },
        effect: { kind: 'breakOff' },
      },
    ],
    ends: 'SUCCEEDED',
  },
  {
    // Nobody is on it any more.
    fault: 'SIGKILL to the old server as the install begins',
    meanwhile: async (arn) => killed(await untilInPhase(arn, 'installing')),
    ends: 'SUCCEEDED',
  },
  {
    fault: 'SIGKILL to the new server in the middle of its install',
    release: startsLate(6_000),
    meanwhile: async (arn, { version }) => killed(await untilInPhase(arn, 'installing'), version),
    ends: { error: 'InstallFailed' },
  },
  {
    fault: 'SIGKILL to a server that is not being deployed',
    meanwhile: async (arn, { targets }) => {
      await untilInPhase(arn, 'draining');
      await killed(targets[2] as string);
    },
    ends: 'SUCCEEDED',
    mayFail: ({ target }, { targets }) => target === targets[2],
  },
];

describe('a deploy during', () => {
  it.each(byFault(ROWS))('%s', { timeout: 300_000 }, async (_fault, row) => {
    await deployUnderFault(row);
  });
});

describe('an SSM agent that never answers', () => {
  // A minute until it counts as silent. Its target was sent nothing: there is nothing to take back from it.
  it('fails the deploy, and its target serves on with what it has', { timeout: 300_000 }, async () => {
    const { ended, scene } = await deployUnderFault({
      fault: 'a silent agent',
      rules: ({ targets }) => [{ on: 'agent', match: { instanceId: targets[0] as string }, effect: { kind: 'silence' } }],
      ends: { error: 'CommandFailed', rolledBack: false },
    });
    expect(ended.message).toContain(`No target left its release: ${scene.targets[0]} kept `);
  });
});
