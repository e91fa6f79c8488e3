import { EventBridgeClient, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateFunctionCommand } from '@aws-sdk/client-lambda';
import { CreateStateMachineCommand, ListExecutionsCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../../../test/until.ts';
import { zip } from '../../../../test/zip.ts';
import { invokeTask, startAndWait, type World } from './world.ts';

const RULE = 'arn:aws:events:us-east-1:000000000000:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule';
const allow = (Action: string | string[], Resource: string) => ({ Effect: 'Allow', Action, Resource });
const forRule = allow(['events:PutRule', 'events:PutTargets', 'events:DescribeRule'], RULE);

/** What the emulator does in the name of a role is judged by it. */
export function describeRoles(world: () => World): void {
  let functionArn: string;
  let child: string;
  let roles = 0;
  const roleWith = (...statements: object[]) => world().makeRole(`role-${++roles}`, ...statements);
  const recorded = (principal: string) =>
    world()
      .calls.list()
      .filter((call) => call.principal === principal)
      .map(({ action, resource, allowed }) => [action, resource, allowed]);

  describe('the role of a state machine', () => {
    beforeAll(async () => {
      functionArn = await world().makeFunction('says-yes', 'export const handler = async () => "yes";');
      child = await world().makeMachine({ Answer: { Type: 'Pass', End: true } });
    });

    it('has to allow the functions that it invokes', async () => {
      const able = await roleWith(allow('lambda:InvokeFunction', functionArn));
      const unable = await roleWith(allow('lambda:InvokeFunction', `${functionArn}-other`));
      const machine = (role: string) => world().makeMachine({ Ask: invokeTask(functionArn) }, {}, role);
      expect(await world().run(await machine(able))).toMatchObject({ status: 'SUCCEEDED' });
      expect(await world().run(await machine(unable))).toMatchObject({
        status: 'FAILED',
        error: 'Lambda.AWSLambdaException',
        cause: expect.stringContaining(`is not authorized to perform: lambda:InvokeFunction on resource: ${functionArn} because`),
      });
      await until(async () => recorded(unable)[0]);
      expect([recorded(able), recorded(unable)]).toEqual([
        [['lambda:InvokeFunction', functionArn, true]],
        [['lambda:InvokeFunction', functionArn, false]],
      ]);
    });

    it.each([
      ['states:StartExecution', () => [allow('states:DescribeExecution', '*')]],
      ['states:DescribeExecution', () => [allow('states:StartExecution', child)]],
    ])('has to allow %s for a child that it waits for', async (action, statements) => {
      const role = await roleWith(forRule, ...statements());
      expect(await world().run(await world().makeMachine({ Run: startAndWait(child) }, {}, role))).toMatchObject({
        status: 'FAILED',
        error: 'StepFunctions.AWSStepFunctionsException',
        cause: expect.stringContaining(`is not authorized to perform: ${action}`),
      });
    });

    it('has to allow to stop a child: without it the child goes on when its parent is stopped', async () => {
      const slow = await world().makeMachine({ Wait: { Type: 'Wait', Seconds: 30, End: true } });
      const role = await roleWith(forRule, allow(['states:StartExecution', 'states:DescribeExecution'], '*'));
      const parent = await world().start(await world().makeMachine({ Run: startAndWait(slow) }, {}, role));
      const { executionArn } = await until(async () => {
        const { executions = [] } = await world().stepFunctions.send(new ListExecutionsCommand({ stateMachineArn: slow }));
        return executions[0];
      });
      await world().stepFunctions.send(new StopExecutionCommand({ executionArn: parent }));
      expect(await world().describe(executionArn as string)).toMatchObject({ status: 'RUNNING' });
      await until(async () => recorded(role).find(([action, , allowed]) => action === 'states:StopExecution' && !allowed));
      await world().stepFunctions.send(new StopExecutionCommand({ executionArn }));
    });

    it('has to allow the rule by which Step Functions learns of the end of a child', async () => {
      const role = await roleWith(allow(['events:PutRule', 'events:PutTargets'], RULE));
      await expect(world().makeMachine({ Run: startAndWait(child) }, {}, role)).rejects.toMatchObject({
        name: 'AccessDeniedException',
        message: `'${role}' is not authorized to create managed-rule.`,
      });
    });

    it('has to allow the delivery of its log', async () => {
      const delivery = ['logs:CreateLogDelivery', 'logs:PutResourcePolicy', 'logs:DescribeResourcePolicies', 'logs:DescribeLogGroups'];
      const definition = JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Pass', End: true } } });
      const logGroupArn = 'arn:aws:logs:us-east-1:000000000000:log-group:any:*';
      const create = (name: string, roleArn: string) =>
        world().stepFunctions.send(
          new CreateStateMachineCommand({
            name,
            definition,
            roleArn,
            loggingConfiguration: { level: 'ALL', destinations: [{ cloudWatchLogsLogGroup: { logGroupArn } }] },
          }),
        );
      await create('logs', await roleWith(allow(delivery, '*')));
      await expect(create('logs-not', await roleWith(allow(delivery.slice(1), '*')))).rejects.toThrow(
        'not authorized to access the Log Destination',
      );
    });
  });

  describe('the role of a function', () => {
    it('has to allow its network interfaces when it is in a VPC', async () => {
      const create = async (FunctionName: string, Role: string) =>
        world().lambda.send(
          new CreateFunctionCommand({
            FunctionName,
            Runtime: 'nodejs24.x' as 'nodejs22.x',
            Role,
            Handler: 'index.handler',
            Code: { ZipFile: await zip({ 'index.mjs': 'export const handler = async () => {};' }) },
            VpcConfig: { SubnetIds: ['subnet-1'], SecurityGroupIds: ['sg-1'] },
          }),
        );
      const interfaces = ['ec2:CreateNetworkInterface', 'ec2:DescribeNetworkInterfaces', 'ec2:DeleteNetworkInterface'];
      await create('inside', await roleWith(allow(interfaces, '*')));
      await expect(create('outside', await roleWith(allow(interfaces.slice(1), '*')))).rejects.toMatchObject({
        name: 'InvalidParameterValueException',
        message: expect.stringContaining('does not have permissions to call CreateNetworkInterface on EC2'),
      });
    });

    it('has to allow its log: otherwise nothing is logged and no metric is published', async () => {
      const code =
        'export const handler = async () => { console.log(JSON.stringify({ _aws: {}, of: process.env.AWS_LAMBDA_FUNCTION_NAME })); };';
      await world().makeFunction('silent', code, { role: await roleWith(allow('logs:CreateLogStream', '*')) });
      await world().makeFunction('heard', code);
      for (const name of ['silent', 'heard']) await world().invoke(name);
      await until(async () => world().logLines.find(({ message }) => message.includes('"heard"')));
      expect(world().logLines.filter(({ message }) => message.includes('"silent"'))).toEqual([]);
    });
  });

  describe('the role of a rule', () => {
    let eventBridge: EventBridgeClient;
    beforeAll(() => {
      eventBridge = new EventBridgeClient(world().config);
    });
    afterAll(() => eventBridge.destroy());

    it('has to allow to start the state machine that is its target', async () => {
      const machines = await Promise.all([1, 2, 3].map(() => world().makeMachine({ Answer: { Type: 'Pass', End: true } })));
      const able = await roleWith(allow('states:StartExecution', machines[0] as string));
      const targets = [
        { Id: 'allowed', Arn: machines[0], RoleArn: able },
        { Id: 'refused', Arn: machines[1], RoleArn: able },
        { Id: 'without-role', Arn: machines[2] },
      ];
      await eventBridge.send(new PutRuleCommand({ Name: 'starts', EventPattern: JSON.stringify({ source: ['my.starter'] }) }));
      await eventBridge.send(new PutTargetsCommand({ Rule: 'starts', Targets: targets }));
      await eventBridge.send(new PutEventsCommand({ Entries: [{ Source: 'my.starter', DetailType: 'Start', Detail: '{}' }] }));
      const started = async (stateMachineArn: string | undefined) =>
        (await world().stepFunctions.send(new ListExecutionsCommand({ stateMachineArn }))).executions?.length;
      await until(async () => (await started(machines[0])) || undefined);
      await until(async () => recorded(able).find(([, resource, allowed]) => resource === machines[1] && !allowed));
      expect(await Promise.all(machines.map(started))).toEqual([1, 0, 0]);
    });
  });
}
