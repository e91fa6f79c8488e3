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

it('ends the step that runs and begins it anew, and repeats no step that has ended', async () => {
  const file = join(fleet.folder, 'steps');
  const step = (name: string, line: string) => ({ action: 'aws:runShellScript', name, inputs: { runCommand: [line] } });
  const mainSteps = [
    step('first', `echo first >>"${file}"`),
    step('second', `echo begun >>"${file}"; [ -e "${file}.go" ] || sleep 60; echo ended >>"${file}"`),
  ];
  await fleet.call('CreateDocument', { Name: 'steps', Content: JSON.stringify({ schemaVersion: '2.2', mainSteps }) });
  const ended = fleet.run(instanceId, 'steps', {});
  await until(async () => (existsSync(file) && readFileSync(file, 'utf8').includes('begun') ? true : undefined));
  await fleet.call('CreateDocument', {
    Name: 'ready',
    Content: JSON.stringify({ schemaVersion: '2.2', mainSteps: [step('go', `touch "${file}.go"`)] }),
  });
  await fleet.run(instanceId, 'ready', {});
  await fleet.instances.reboot(instanceId);
  expect(await ended).toMatchObject({ Status: 'Success' });
  expect(readFileSync(file, 'utf8')).toBe('first\nbegun\nbegun\nended\n');
});
