/** What becomes of a command when its machine reboots. @see ../../ssm/command-runner.ts */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../../../../test/until.ts';
import { startFleet, type TestFleet } from '../../../demo/test/aws/instances/test-fleet.ts';

let fleet: TestFleet;
let instanceId: string;

beforeAll(async () => {
  fleet = await startFleet();
  instanceId = (await fleet.launch({ userData: '' })).instanceId;
});
afterAll(() => fleet.stop());

it('fails with its first step, whichever ran; nothing runs again, and the step that ran has no result', async () => {
  const file = join(fleet.folder, 'steps');
  const step = (name: string, line: string) => ({ action: 'aws:runShellScript', name, inputs: { runCommand: [line] } });
  const mainSteps = [step('first', `echo first >>"${file}"`), step('second', `echo begun >>"${file}"; sleep 60; echo ended >>"${file}"`)];
  await fleet.call('CreateDocument', { Name: 'steps', Content: JSON.stringify({ schemaVersion: '2.2', mainSteps }) });
  const ended = fleet.run(instanceId, 'steps', {});
  await until(async () => (existsSync(file) && readFileSync(file, 'utf8').includes('begun') ? true : undefined));
  await fleet.instances.reboot(instanceId);
  expect(await ended).toMatchObject({ Status: 'Failed' });
  const { Commands } = await fleet.call<{ Commands: { CommandId: string }[] }>('ListCommands', {});
  const CommandId = Commands[0]?.CommandId;
  const stepOf = (PluginName: string) => fleet.call('GetCommandInvocation', { CommandId, InstanceId: instanceId, PluginName });
  expect(await stepOf('first')).toMatchObject({
    Status: 'Failed',
    StandardOutputContent: expect.stringContaining('document process failed unexpectedly'),
  });
  expect(await stepOf('second')).toMatchObject({ Status: 'InProgress', StandardOutputContent: '' });
  expect(readFileSync(file, 'utf8')).toBe('first\nbegun\n');
});
