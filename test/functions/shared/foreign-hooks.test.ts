import { expect, it } from 'vitest';
import { describeForeignHook, foreignHooks, removeForeignHook } from '../../../functions/shared/foreign-hooks.ts';
import { fakeAutoScalingGroup } from '../fakes/auto-scaling.ts';
import { CODE_DEPLOY_HOOK as CODE_DEPLOY } from '../fakes/code-deploy-hook.ts';

const own = fakeAutoScalingGroup().hooksOf;

it("leaves out Holdfast's own hooks, and separates launches from terminations", () => {
  const drain = { name: 'drain', kind: 'terminate', timeoutSeconds: 3_600, defaultResult: 'CONTINUE' } as const;
  expect([foreignHooks(own, 'launch'), foreignHooks(own, 'terminate')]).toEqual([[], []]);
  expect(foreignHooks([...own, CODE_DEPLOY, drain], 'launch')).toEqual([CODE_DEPLOY]);
  expect(foreignHooks([...own, CODE_DEPLOY, drain], 'terminate')).toEqual([drain]);
});

it.each([
  [
    CODE_DEPLOY,
    `lifecycle hook ${CODE_DEPLOY.name} is CodeDeploy's: each new server waits in it until it is completed, or for 600 s, and is then replaced`,
  ],
  [
    { ...CODE_DEPLOY, name: 'warm-up', defaultResult: 'CONTINUE' },
    "lifecycle hook warm-up is not Holdfast's: each new server waits in it until it is completed, or for 600 s, and then serves",
  ],
  [
    { ...CODE_DEPLOY, name: 'drain', kind: 'terminate' },
    "lifecycle hook drain is not Holdfast's: each server that terminates waits in it until it is completed, or for 600 s",
  ],
] as const)('describes what it does to a server', (hook, sentence) => {
  expect(describeForeignHook(hook)).toBe(sentence);
});

it('names the command that removes it', () => {
  expect(removeForeignHook('shop', CODE_DEPLOY, '--region eu-west-1')).toContain(
    `aws autoscaling delete-lifecycle-hook --auto-scaling-group-name shop --lifecycle-hook-name ${CODE_DEPLOY.name} --region eu-west-1`,
  );
});
