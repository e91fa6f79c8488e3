import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../../../test/until.ts';
import { type Outcome, scriptDocument, startFleet } from '../../../demo/test/aws/instances/test-fleet.ts';
import { type CommandFleet, startCommandFleet } from './command-fleet.ts';

let fleet: CommandFleet['fleet'];
let instanceId: string;
let run: CommandFleet['run'];
let send: CommandFleet['send'];

beforeAll(async () => {
  ({ fleet, instanceId, run, send } = await startCommandFleet());
});
afterAll(() => fleet.stop());

const code = (wanted: string): unknown => expect.objectContaining({ name: 'AwsError', code: wanted });

describe('a command', () => {
  beforeAll(async () => {
    await fleet.call('CreateDocument', { Name: 'sleeper', Content: scriptDocument(['sleep 20']) });
  });

  it('is cancelled while it runs', async () => {
    const commandId = await send('sleeper');
    const status = async (): Promise<string> =>
      (await fleet.call<Outcome>('GetCommandInvocation', { CommandId: commandId, InstanceId: instanceId })).Status;
    await until(async () => (await status()) === 'InProgress');
    const began = performance.now();
    await fleet.call('CancelCommand', { CommandId: commandId });
    expect(await fleet.wait(instanceId, commandId)).toMatchObject({ Status: 'Cancelled', StatusDetails: 'Cancelled' });
    expect(performance.now() - began).toBeLessThan(15_000);
    await expect(fleet.call('CancelCommand', { CommandId: 'nothing' })).rejects.toEqual(code('InvalidCommandId'));
  });

  it('sends its progress as events', async () => {
    const commandId = await send('say', { Parameters: { version: ['1.0'] } });
    await fleet.wait(instanceId, commandId);
    await until(() => fleet.events.filter(({ detail }) => detail['command-id'] === commandId).length >= 4);
    const told = fleet.events
      .filter(({ detail }) => detail['command-id'] === commandId)
      .map(({ detailType, detail }) => [detailType, detail['instance-id'], detail['status']]);
    const command = 'EC2 Command Status-change Notification';
    const invocation = 'EC2 Command Invocation Status-change Notification';
    expect(told).toEqual([
      [invocation, instanceId, 'InProgress'],
      [command, undefined, 'InProgress'],
      [invocation, instanceId, 'Success'],
      [command, undefined, 'Success'],
    ]);
  });

  it('is unknown to GetCommandInvocation for a moment', async () => {
    const slow = await startFleet({ visibleAfterMs: 3_000 });
    try {
      const machine = await slow.launch({ userData: '' });
      const { Command } = await slow.call<{ Command: { CommandId: string; Status: string } }>('SendCommand', {
        DocumentName: 'AWS-RunShellScript',
        InstanceIds: [machine.instanceId],
        Parameters: { commands: ['true'] },
      });
      expect(Command.Status).toBe('Pending');
      const ask = (): Promise<unknown> =>
        slow.call('GetCommandInvocation', { CommandId: Command.CommandId, InstanceId: machine.instanceId });
      await expect(ask()).rejects.toEqual(code('InvocationDoesNotExist'));
      await new Promise((resolve) => setTimeout(resolve, 3_050));
      await ask();
    } finally {
      await slow.stop();
    }
  });

  it('goes to the instances of a tag, and to none when no instance has it', async () => {
    const Parameters = { version: ['1.0'] };
    const { Command } = await fleet.call<{ Command: { CommandId: string } }>('SendCommand', {
      DocumentName: 'say',
      Targets: [{ Key: 'tag:fleet', Values: ['web'] }],
      Parameters,
    });
    expect(await fleet.wait(instanceId, Command.CommandId)).toMatchObject({ Status: 'Success' });
    const none = await fleet.call<{ Command: object }>('SendCommand', {
      DocumentName: 'say',
      Targets: [{ Key: 'tag:fleet', Values: ['other'] }],
      Parameters,
    });
    expect(none.Command).toMatchObject({ TargetCount: 0, StatusDetails: 'NoInstancesInTag' });
  });

  it.each([
    ['InvalidInstanceId', { InstanceIds: ['i-0123456789abcdef0'] }],
    ['ValidationException', { InstanceIds: [] }],
    ['ValidationException', { TimeoutSeconds: 29 }],
    ['InvalidDocument', { DocumentName: 'nothing' }],
    ['InvalidDocumentVersion', { DocumentVersion: '9' }],
    ['InvalidDocument', { DocumentHash: 'a'.repeat(64), DocumentHashType: 'Sha256' }],
  ])('is refused with %s for %j', async (wanted, more) => {
    await expect(send('say', { Parameters: { version: ['1.0'] }, ...more })).rejects.toEqual(code(wanted));
  });

  it('does not reach an instance whose agent is dead, and ends late when the agent dies meanwhile', async () => {
    fleet.instances.killAgent(instanceId);
    await expect(send('say', { Parameters: { version: ['1.0'] } })).rejects.toEqual(code('InvalidInstanceId'));
    fleet.instances.reviveAgent(instanceId);
    const go = join(fleet.folder, 'go');
    const commandId = await send('AWS-RunShellScript', {
      Parameters: { commands: [`until [ -e "${go}" ]; do sleep 0.05; done; echo done`] },
    });
    await until(() => fleet.events.some(({ detail }) => detail['command-id'] === commandId && detail['status'] === 'InProgress'));
    fleet.instances.killAgent(instanceId);
    writeFileSync(go, '');
    await new Promise((resolve) => setTimeout(resolve, 600));
    const ask = { CommandId: commandId, InstanceId: instanceId };
    expect(await fleet.call('GetCommandInvocation', ask)).toMatchObject({ Status: 'InProgress', StandardOutputContent: '' });
    fleet.instances.reviveAgent(instanceId);
    expect(await fleet.wait(instanceId, commandId)).toMatchObject({ Status: 'Success', StandardOutputContent: 'done\n' });
  });

  it('takes its processes along when the machine is terminated', async () => {
    const machine = await fleet.launch({ userData: '' });
    const pidFile = join(fleet.folder, 'pid');
    const Parameters = { commands: [`echo $$ >'${pidFile.replaceAll("'", "'\\''")}'; sleep 30`] };
    await fleet.call('SendCommand', { DocumentName: 'AWS-RunShellScript', InstanceIds: [machine.instanceId], Parameters });
    await until(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8') !== '');
    await fleet.instances.terminate(machine.instanceId);
    const pid = Number(readFileSync(pidFile, 'utf8'));
    await until(() => {
      try {
        process.kill(pid, 0);
        return false;
      } catch {
        return true;
      }
    });
  });

  it('is listed, newest first, page by page', async () => {
    await run('say', { version: '1.0' });
    const one = await fleet.call<{ Commands: { CommandId: string }[]; NextToken?: string }>('ListCommands', { MaxResults: 1 });
    const two = await fleet.call<{ Commands: { CommandId: string }[] }>('ListCommands', { MaxResults: 1, NextToken: one.NextToken });
    expect(one.Commands[0]?.CommandId).not.toBe(two.Commands[0]?.CommandId);
    const { CommandInvocations } = await fleet.call<{ CommandInvocations: object[] }>('ListCommandInvocations', {
      CommandId: one.Commands[0]?.CommandId,
      Details: true,
    });
    expect(CommandInvocations[0]).toMatchObject({
      InstanceId: instanceId,
      CommandPlugins: [{ Name: 'run', Status: 'Success' }],
    });
  });
});

describe('DescribeInstanceInformation', () => {
  it('shows ping status and agent version, by filter', async () => {
    const ask = (Key: string, value: string): Promise<{ InstanceInformationList: object[] }> =>
      fleet.call('DescribeInstanceInformation', { Filters: [{ Key, Values: [value] }] });
    expect((await ask('InstanceIds', instanceId)).InstanceInformationList).toMatchObject([
      { InstanceId: instanceId, PingStatus: 'Online', AgentVersion: '3.3.4000.0' },
    ]);
    fleet.instances.killAgent(instanceId);
    expect((await ask('PingStatus', 'ConnectionLost')).InstanceInformationList).toHaveLength(1);
    fleet.instances.reviveAgent(instanceId);
    expect((await ask('tag:fleet', 'other')).InstanceInformationList).toEqual([]);
  });
});
