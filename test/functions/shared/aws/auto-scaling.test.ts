import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { beforeEach, expect, it } from 'vitest';
import { createAutoScalingGroup, createLifecycleActions } from '../../../../functions/shared/aws/auto-scaling.ts';
import { stubHttp } from '../../fakes/stub-http.ts';

const ACTION = { autoScalingGroupName: 'web', lifecycleHookName: 'launch', lifecycleActionToken: 'token', instanceId: 'i-1' };
const failure = (code: string, message: string) =>
  `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;

let http: ReturnType<typeof stubHttp>;
let client: AutoScalingClient;

beforeEach(() => {
  http = stubHttp();
  client = new AutoScalingClient(http.config);
});

it('completes a lifecycle action by its token', async () => {
  http.answer('<CompleteLifecycleActionResponse><CompleteLifecycleActionResult/></CompleteLifecycleActionResponse>');
  expect(await createLifecycleActions(client).complete(ACTION, 'CONTINUE')).toBe(true);
  expect(http.seen[0]?.body).toContain('LifecycleActionToken=token');
  expect(http.seen[0]?.body).toContain('LifecycleActionResult=CONTINUE');
});

it('returns that a lifecycle action has already ended', async () => {
  http.answer(failure('ValidationError', 'No active Lifecycle Action found with token token'), 400);
  expect(await createLifecycleActions(client).heartbeat(ACTION)).toBe(false);
});

it('passes other refusals on', async () => {
  http.answer(failure('ValidationError', 'AutoScalingGroup name not found'), 400);
  await expect(createLifecycleActions(client).heartbeat(ACTION)).rejects.toMatchObject({ name: 'ValidationError' });
});

it('throws AutoScalingGroupNotFound for a name that no group has', async () => {
  http.answer(
    '<DescribeAutoScalingGroupsResponse><DescribeAutoScalingGroupsResult><AutoScalingGroups/></DescribeAutoScalingGroupsResult></DescribeAutoScalingGroupsResponse>',
  );
  await expect(createAutoScalingGroup(client, 'web').describe()).rejects.toMatchObject({
    name: 'AutoScalingGroupNotFound',
    message: expect.stringContaining('web'),
  });
});

it('marks a server Healthy that the group has terminated meanwhile without an error, and passes other refusals on', async () => {
  http.answer(failure('ValidationError', 'Instance Id not found - No managed instance found for instance ID: i-1'), 400);
  await createAutoScalingGroup(client, 'web').markHealthy('i-1');
  http.answer(failure('AccessDenied', 'not authorized'), 403);
  await expect(createAutoScalingGroup(client, 'web').markHealthy('i-1')).rejects.toMatchObject({ name: 'AccessDenied' });
});
