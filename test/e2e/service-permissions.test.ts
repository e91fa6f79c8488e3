/** One permission is taken from each role that is no function's: AWS itself is refused what it does in that role's name. */
import { CompleteLifecycleActionCommand, SetDesiredCapacityCommand } from '@aws-sdk/client-auto-scaling';
import { GetExecutionHistoryCommand, StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { GetCommandInvocationCommand, SendCommandCommand } from '@aws-sdk/client-ssm';
import { beforeAll, describe, expect, it } from 'vitest';
import { launchStateMachineName, rollTargetStateMachineName } from '../../functions/shared/naming.ts';
import { readRoles } from '../../local/aws/iam/read-roles.ts';
import { until } from '../until.ts';
import { autoScaling, cloud, GROUP, groupInstances, kept, ssm, untilHealthy } from './fleet.ts';
import { without } from './taken-permission.ts';

let roles: readonly string[];
beforeAll(async () => {
  await untilHealthy(3);
  roles = (await readRoles({ ...kept, installation: 'holdfast' })).map(({ role }) => role);
});
const roleLike = (part: string): string => {
  const found = roles.filter((role) => role.includes(part));
  expect(found).toHaveLength(1);
  return found[0] as string;
};

describe('the role of a state machine', () => {
  const event = { detail: { AutoScalingGroupName: GROUP, LifecycleHookName: 'any', LifecycleActionToken: 'any', EC2InstanceId: 'i-1' } };
  it.each([
    ['deploy', 'RollingDeployRole', 'holdfast-web-deploy', { version: '1.0.0' }],
    [
      'roll target',
      'RollingDeployRollTarget',
      rollTargetStateMachineName('holdfast', 'web'),
      { deploy: {}, lease: {}, step: { roll: {} } },
    ],
    ['launch', 'LifecycleLaunchRole', launchStateMachineName('holdfast', 'web'), event],
    ['terminate', 'LifecycleTerminateRole', 'holdfast-web-terminate', event],
  ])('without lambda:InvokeFunction: %s fails at its first function', async (_, part, name, input) => {
    const { stepFunctions, deployStateMachineArn } = await cloud();
    const stateMachineArn = deployStateMachineArn.replace(/[^:]+$/, name);
    const failure = await without(roleLike(part), 'lambda:InvokeFunction', async () => {
      const { executionArn } = await stepFunctions.send(new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }));
      const failed = await until(async () => {
        const { events = [] } = await stepFunctions.send(new GetExecutionHistoryCommand({ executionArn }));
        return events.find(({ type }) => type === 'TaskFailed')?.taskFailedEventDetails;
      }, 'the task fails');
      // It would be tried again for half a minute.
      await stepFunctions.send(new StopExecutionCommand({ executionArn })).catch(() => {});
      return failed;
    });
    expect(failure).toMatchObject({
      error: 'Lambda.AWSLambdaException',
      cause: expect.stringContaining('is not authorized to perform: lambda:InvokeFunction'),
    });
  });
});

describe('the role of a rule', () => {
  const setDesired = (DesiredCapacity: number) =>
    autoScaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: GROUP, DesiredCapacity }));
  const untilIn = (state: string) =>
    until(async () => (await groupInstances()).find((one) => one.state === state)?.id, `an instance is ${state}`);
  const complete = (InstanceId: string, LifecycleHookName: string, LifecycleActionResult: string) =>
    autoScaling.send(
      new CompleteLifecycleActionCommand({ AutoScalingGroupName: GROUP, InstanceId, LifecycleHookName, LifecycleActionResult }),
    );

  it('without states:StartExecution: nothing is installed on a launching instance', async () => {
    const stuck = await without(roleLike('LifecycleLaunchEvents'), 'states:StartExecution', async () => {
      await setDesired(4);
      return untilIn('Pending:Wait');
    });
    await complete(stuck, 'install-current-release', 'ABANDON');
    await untilHealthy(4);
    // The next scenario waits for an instance that ends: it must not be this one.
    await until(async () => (await groupInstances()).every(({ id }) => id !== stuck), 'the abandoned instance is gone');
  });

  it('without states:StartExecution: nobody lets a terminating instance go', async () => {
    const stuck = await without(roleLike('LifecycleTerminateEvents'), 'states:StartExecution', async () => {
      await setDesired(3);
      return untilIn('Terminating:Wait');
    });
    await complete(stuck, 'wait-until-idle', 'CONTINUE');
    await until(async () => (await groupInstances()).length === 3, 'the instance is gone');
    await untilHealthy(3);
  });
});

describe('the role of an instance', () => {
  it('without secretsmanager:GetSecretValue: its password is not fetched', async () => {
    const [instance] = await groupInstances();
    const InstanceId = instance?.id as string;
    const commands = [
      '. "$HOLDFAST_ROOT/etc/instance.env"',
      'aws secretsmanager get-secret-value --secret-id "$STORE_SECRET_ARN" --query ARN --output text',
    ];
    const fetchSecret = async () => {
      const { Command } = await ssm.send(
        new SendCommandCommand({ InstanceIds: [InstanceId], DocumentName: 'AWS-RunShellScript', Parameters: { commands } }),
      );
      return until(async () => {
        const reply = await ssm.send(new GetCommandInvocationCommand({ CommandId: Command?.CommandId, InstanceId })).catch(() => undefined);
        return ['Success', 'Failed', 'TimedOut'].includes(reply?.Status ?? '') ? reply : undefined;
      }, 'the script ends');
    };
    const taken = 'secretsmanager:GetSecretValue';
    expect(await without(roleLike('InstanceRole'), taken, fetchSecret)).toMatchObject({
      Status: 'Failed',
      StandardErrorContent: expect.stringContaining(`is not authorized to perform: ${taken}`),
    });
    expect(await fetchSecret()).toMatchObject({ Status: 'Success' });
  });
});
