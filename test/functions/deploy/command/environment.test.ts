import { beforeEach, expect, it } from 'vitest';
import type { CommandRequest, Roll } from '../../../../functions/deploy/contract/roll.ts';
import { DEPLOY, ROLL, START_MS } from '../../fakes/fixtures.ts';
import { type CommandFixture, commandFixture } from './command-fixture.ts';

let records: CommandFixture['records'];
let lease: CommandFixture['lease'];
let runCommand: CommandFixture['runCommand'];
let command: CommandFixture['command'];
beforeEach(async () => {
  ({ records, lease, runCommand, command } = await commandFixture({ hasVariables: true }));
});

const ask = (step: CommandRequest['step'], deploy: object = {}, roll: Roll = ROLL) =>
  command({ step, deploy: { ...DEPLOY, ...deploy }, lease, roll });
const parameters = async (deploy: object = {}) => {
  await ask('sendInstall', deploy);
  return runCommand.sent.at(-1)?.parameters;
};
const ENVIRONMENT = { DB_PASSWORD: 'AWSCURRENT-1', list: '3' };

it('restarts each server that has the release, in a roll and in its rollback, and installs it on another', async () => {
  await records.updateTarget('web', 'd1', 'i-1', { fromVersion: '2.0.0' });
  expect(await parameters({ restartAll: true })).toMatchObject({ version: '2.0.0', mode: 'restart' });
  await records.updateTarget('web', 'd1', 'i-1', { fromVersion: '1.0.0' });
  expect(await parameters({ restartAll: true })).not.toHaveProperty('mode');
  await records.updateTarget('web', 'd1', 'i-1', { fromVersion: '2.0.0', rollingBackTo: '2.0.0' });
  expect(await parameters({ restartAll: true })).toMatchObject({ version: '2.0.0', mode: 'restart' });
});

it('starts with what was recorded before the roll in a rollback alone, where the fleet has variables', async () => {
  await records.updateTarget('web', 'd1', 'i-1', { environment: ENVIRONMENT });
  expect(await parameters()).not.toHaveProperty('environment');
  await records.updateTarget('web', 'd1', 'i-1', { rollingBackTo: '2.0.0' });
  expect(await parameters()).toMatchObject({ environment: 'DB_PASSWORD:AWSCURRENT-1,list:3' });
  ({ records, lease, runCommand, command } = await commandFixture());
  await records.updateTarget('web', 'd1', 'i-1', { environment: ENVIRONMENT, rollingBackTo: '2.0.0' });
  expect(await parameters()).not.toHaveProperty('environment');
});

it.each([
  { result: 'installed', version: '2.0.0', previousVersion: '1.0.0' },
  { result: 'alreadyInstalled', version: '2.0.0' },
])('puts on record which versions a release was started with, and warns of others than were ordered: $result', async (answer) => {
  const { roll } = await ask('sendInstall');
  const environmentNote = 'started with the current values of DB_PASSWORD, since it was not UP with the recorded ones';
  runCommand.answer({ ...answer, environment: ENVIRONMENT, environmentNote });
  await ask('checkInstall', {}, roll);
  expect(await records.getInstances('web')).toEqual([
    { instanceId: 'i-1', version: '2.0.0', installedAtMs: START_MS, environment: ENVIRONMENT },
  ]);
  expect((await records.getDeploy('web', 'd1'))?.warnings).toEqual([`i-1: ${environmentNote}`]);
});

it.each([{ 'DB-PASSWORD': '1' }, { DB: 'a value with spaces' }, { DB: 'x'.repeat(65) }])(
  'takes no other names and ids: %j',
  async (environment) => {
    const { roll } = await ask('sendInstall');
    runCommand.answer({ result: 'alreadyInstalled', version: '2.0.0', environment });
    await expect(ask('checkInstall', {}, roll)).rejects.toMatchObject({ name: 'CommandFailed' });
  },
);
