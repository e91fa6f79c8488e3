import { beforeEach, describe, expect, it } from 'vitest';
import { createCommand } from '../../../../functions/deploy/command/command.ts';
import type { CommandRequest, Roll } from '../../../../functions/deploy/contract/roll.ts';
import { DEPLOY, RELEASE, ROLL, START_MS, stealLock } from '../../fakes/fixtures.ts';
import { DOCUMENT_NAMES, instanceCommands } from '../../fakes/instance-commands.ts';
import { type CommandFixture, commandFixture } from './command-fixture.ts';

let records: CommandFixture['records'];
let lease: CommandFixture['lease'];
let clock: CommandFixture['clock'];
let runCommand: CommandFixture['runCommand'];
let metrics: CommandFixture['metrics'];
let targetGroup: CommandFixture['targetGroup'];
let pauses: CommandFixture['pauses'];
let command: CommandFixture['command'];
beforeEach(async () => {
  ({ records, lease, clock, runCommand, metrics, targetGroup, pauses, command } = await commandFixture());
});

const commandsWith = (more: { prepare?: string }) =>
  instanceCommands({ runCommand, documents: { ...DOCUMENT_NAMES, ...more }, now: clock.now });
const ask = (step: CommandRequest['step'], roll: Roll = ROLL) => command({ step, deploy: DEPLOY, lease, roll });
const target = async () => (await records.getDeploy('web', 'd1'))?.targets['i-1'];

describe('prepare', () => {
  it('waits for the user data of a server that never had a release, and shows what it does', async () => {
    await records.updateTarget('web', 'd1', 'i-1', { fromVersion: 'none' });
    const first = await ask('prepare');
    expect(runCommand.sent).toMatchObject([{ documentName: 'doc-observe', parameters: { attempts: '0', intervalSeconds: '30' } }]);
    expect(await target()).toMatchObject({ phase: 'preparing' });
    const observed = { upInARow: 0, attempts: 0, lastAnswer: 'not checked', version: 'none' };
    runCommand.answer({ ...observed, preparing: 'installing package java-21' });
    const second = await ask('prepare', first.roll);
    expect(second).toMatchObject({ verdict: 'WAIT', roll: { commandId: 'command-2' } });
    expect(await target()).toMatchObject({ detail: 'user data is still installing package java-21', commandId: 'command-2' });
    runCommand.answer(observed);
    expect((await ask('prepare', second.roll)).verdict).toBe('DONE');
    expect((await target())?.detail).toBe('');
  });

  it.each([
    ['has failed', 0, { preparationFailed: 'user data failed while installing package java-21: no match' }, 'java-21: no match'],
    ['does not end', 1_200, { preparing: 'installing package x' }, 'within 1200 s: user data is still installing package x'],
  ])('fails for a server whose user data %s', async (_, seconds, more, message) => {
    await records.updateTarget('web', 'd1', 'i-1', { fromVersion: 'none' });
    const { roll } = await ask('prepare');
    runCommand.answer({ upInARow: 0, attempts: 0, lastAnswer: 'not checked', version: 'none', ...more });
    const begun = { ...roll, phaseStartedAtMs: roll.phaseStartedAtMs - seconds * 1000 };
    await expect(ask('prepare', begun)).rejects.toMatchObject({ name: 'PreparationFailed', message: expect.stringContaining(message) });
  });

  it('has nothing to do where user data has prepared the server', async () => {
    expect(await ask('prepare')).toEqual({ verdict: 'DONE', roll: ROLL });
    expect(runCommand.sent).toEqual([]);
    expect(await target()).toMatchObject({ phase: 'waiting' });
  });

  it("runs the fleet's own document once on a server that ran before, and waits for its end", async () => {
    command = createCommand({
      responses: async () => [],
      records,
      commands: commandsWith({ prepare: 'doc-prepare' }),
      targetGroup,
      metrics,
      now: clock.now,
    });
    const first = await ask('prepare');
    expect(first.verdict).toBe('WAIT');
    expect(runCommand.sent).toMatchObject([{ documentName: 'doc-prepare', instanceId: 'i-1', parameters: {} }]);
    expect(await target()).toMatchObject({ phase: 'preparing' });
    expect((await ask('prepare', first.roll)).verdict).toBe('WAIT');
    runCommand.answer({ result: 'prepared' });
    expect((await ask('prepare', first.roll)).verdict).toBe('DONE');
    expect(runCommand.sent).toHaveLength(1);
  });

  it('fails with what the machine said', async () => {
    command = createCommand({
      responses: async () => [],
      records,
      commands: commandsWith({ prepare: 'doc-prepare' }),
      targetGroup,
      metrics,
      now: clock.now,
    });
    const { roll } = await ask('prepare');
    runCommand.answer({ state: 'failed', statusDetails: 'Failed', output: '', errorOutput: 'dnf: command not found' });
    await expect(ask('prepare', roll)).rejects.toMatchObject({
      name: 'CommandFailed',
      message: expect.stringContaining('dnf: command not found'),
    });
  });
});

describe('a bake that begins anew', () => {
  it('forgets what was counted, and its clock starts again', async () => {
    clock.nowMs += 9_000;
    const { verdict, roll } = await ask('bakeAgain', { ...ROLL, bake: { errorsAtStart: 3, errors: 40 } });
    expect(verdict).toBe('WAIT');
    expect(roll).toMatchObject({ bake: undefined, phaseStartedAtMs: START_MS + 9_000 });
    expect(await target()).toMatchObject({ phase: 'baking' });
  });
});

describe('install', () => {
  it('sends the published archive by its sum', async () => {
    await ask('sendInstall');
    expect(runCommand.sent[0]?.parameters).toEqual({
      fencingToken: '1',
      version: '2.0.0',
      releaseUrl: 'https://releases-bucket.s3.eu-west-1.amazonaws.com/web/2.0.0/release.tar.gz',
      sha256: RELEASE.sha256,
    });
  });

  it('restarts the one server of a restart, and installs where a clean-up brings its release back', async () => {
    const restart = { ...DEPLOY, restart: 'i-1' };
    await command({ step: 'sendInstall', deploy: restart, lease, roll: ROLL });
    expect(runCommand.sent[0]?.parameters).toMatchObject({ version: '2.0.0', mode: 'restart' });
    await records.updateTarget('web', 'd1', 'i-1', { rollingBackTo: '2.0.0' });
    await command({ step: 'sendInstall', deploy: restart, lease, roll: ROLL });
    expect(runCommand.sent[1]?.parameters).not.toHaveProperty('mode');
  });

  it('downloads by its own naming, whatever bucket and key someone wrote to the record', async () => {
    await records.putRelease({ ...RELEASE, fleet: 'web', version: '6.6.6', ...{ bucket: 'evil', key: 'evil/tarfile.py' } });
    await command({ step: 'sendInstall', deploy: { ...DEPLOY, version: '6.6.6' }, lease, roll: ROLL });
    expect(runCommand.sent[0]?.parameters).toMatchObject({
      releaseUrl: 'https://releases-bucket.s3.eu-west-1.amazonaws.com/web/6.6.6/release.tar.gz',
    });
  });

  it('puts the version on record once it is installed', async () => {
    const { roll } = await ask('sendInstall');
    runCommand.answer({ result: 'installed', version: '2.0.0', previousVersion: '1.0.0' });
    expect((await ask('checkInstall', roll)).verdict).toBe('DONE');
    expect(await records.getInstances('web')).toEqual([{ instanceId: 'i-1', version: '2.0.0', installedAtMs: START_MS }]);
    expect(await target()).toMatchObject({ phase: 'checkingReadiness' });
  });

  it('puts on record what still serves before it fails', async () => {
    const { roll } = await ask('sendInstall');
    const line = JSON.stringify({ result: 'failed', error: 'ServiceDidNotStart', message: 'it crashed', serving: '1.0.0' });
    runCommand.answer({ state: 'failed', statusDetails: 'Failed', output: line, errorOutput: '' });
    await expect(ask('checkInstall', roll)).rejects.toMatchObject({
      name: 'InstallFailed',
      message: expect.stringContaining('it crashed'),
    });
    expect(await target()).toMatchObject({ servingVersion: '1.0.0' });
    expect(await records.getInstances('web')).toEqual([]);
  });

  it('installs once more what did not come whole, and then gives it up', async () => {
    const first = await ask('sendInstall');
    runCommand.answer({ result: 'failed', error: 'DownloadFailed', message: 'release.tar.gz was not downloaded' });
    const again = await ask('checkInstall', first.roll);
    expect(again.verdict).toBe('REPEAT');
    const second = await ask('sendInstall', again.roll);
    expect(second.roll.commandId).not.toBe(first.roll.commandId);
    runCommand.answer({ result: 'failed', error: 'DownloadFailed', message: 'release.tar.gz was not downloaded' });
    await expect(ask('checkInstall', second.roll)).rejects.toMatchObject({ name: 'InstallFailed' });
    expect(await target()).toMatchObject({ servingVersion: '1.0.0' });
  });
});

describe('readiness check', () => {
  it.each([
    [true, true],
    [false, undefined],
  ])('is followed by the session gate where the fleet has one: %s', async (hasSessionGate, expected) => {
    const commands = commandsWith({});
    const gated = createCommand({ responses: async () => [], records, commands, targetGroup, metrics, now: clock.now, hasSessionGate });
    const { roll } = await ask('sendReadiness');
    runCommand.answer({ upInARow: 3, attempts: 3, lastAnswer: '200 UP', version: '2.0.0', errors: 5 });
    const reply = await gated({ step: 'checkReadiness', deploy: DEPLOY, lease, roll });
    expect([reply.verdict, reply.roll.sessionGate]).toEqual(['DONE', expected]);
  });

  it('keeps the count, and takes the error counter for the start of the bake', async () => {
    const { roll } = await ask('sendReadiness');
    runCommand.answer({ upInARow: 2, attempts: 3, lastAnswer: '200 UP', version: '2.0.0', errors: 4 });
    const again = await ask('checkReadiness', roll);
    expect(again).toMatchObject({ verdict: 'REPEAT', roll: { readiness: { upInARow: 2 }, bake: { errorsAtStart: 4 } } });
    expect(await target()).toMatchObject({ upInARow: 2 });
    runCommand.answer({ upInARow: 3, attempts: 3, lastAnswer: '200 UP', version: '2.0.0', errors: 5 });
    expect(await ask('checkReadiness', again.roll)).toMatchObject({ verdict: 'DONE', roll: { bake: { errorsAtStart: 5 } } });
  });
});

describe('bake', () => {
  const baking: Roll = { ...ROLL, bake: { errorsAtStart: 5 } };

  it('ends after its time with the target done', async () => {
    const { roll } = await ask('sendBake', baking);
    runCommand.answer({ upInARow: 1, attempts: 1, lastAnswer: '200 UP', version: '2.0.0', errors: 5 });
    clock.nowMs += 10_000;
    expect((await ask('checkBake', roll)).verdict).toBe('REPEAT');
    clock.nowMs += 5_000;
    expect((await ask('checkBake', roll)).verdict).toBe('DONE');
    expect(await target()).toMatchObject({ phase: 'done', finishedAtMs: START_MS + 15_000 });
  });

  it('lets its last moment pass when the last answer is there', async () => {
    const { roll } = await ask('sendBake', baking);
    runCommand.answer({ upInARow: 1, attempts: 1, lastAnswer: '200 UP', version: '2.0.0', errors: 5 });
    clock.nowMs += 14_400;
    await ask('checkBake', roll);
    // The other one is of the look at people, which waits next to it.
    expect(pauses).toEqual([600, 500]);
  });
});

it('sends nothing once the lock is lost', async () => {
  await stealLock(records);
  for (const step of ['sendWaitIdle', 'sendInstall', 'sendReadiness', 'sendBake'] as const) {
    await expect(ask(step)).rejects.toMatchObject({ name: 'LeaseLost' });
  }
  expect(runCommand.sent).toEqual([]);
});

describe('a deploy whose documents are pinned', () => {
  it.each([
    ['sendWaitIdle', 'doc-wait-idle', '3'],
    ['sendInstall', 'doc-install', '2'],
    ['sendReadiness', 'doc-observe', '1'],
    ['sendBake', 'doc-observe', '1'],
  ] as const)('%s runs %s in version %s', async (step, documentName, documentVersion) => {
    const deploy = { ...DEPLOY, documents: { waitIdle: '3', install: '2', observe: '1' } };
    await command({ step, deploy, lease, roll: ROLL });
    expect(runCommand.sent).toEqual([expect.objectContaining({ documentName, documentVersion })]);
  });
});

it('refuses a release whose record changed after the deploy was planned', async () => {
  const tampered = { ...records, getRelease: async () => ({ ...RELEASE, sha256: 'f'.repeat(64) }) };
  const other = createCommand({
    responses: async () => [],
    records: tampered,
    commands: commandsWith({}),
    targetGroup,
    metrics,
    now: clock.now,
  });
  await expect(other({ step: 'sendInstall', deploy: DEPLOY, lease, roll: ROLL })).rejects.toMatchObject({ name: 'ReleaseChanged' });
  expect(runCommand.sent).toEqual([]);
});

describe('a rollback', () => {
  it('installs the previous release, judges it by its own version, and ends as rolled back', async () => {
    await records.putRelease({ ...RELEASE, version: '1.0.0' });
    await records.updateTarget('web', 'd1', 'i-1', { rollingBackTo: '1.0.0' });
    const sent = await ask('sendInstall');
    expect(runCommand.sent[0]?.parameters).toMatchObject({ version: '1.0.0', releaseUrl: expect.stringContaining('/web/1.0.0/') });
    runCommand.answer({ result: 'installed', version: '1.0.0', previousVersion: '2.0.0' });
    await ask('checkInstall', sent.roll);
    expect(await records.getInstances('web')).toMatchObject([{ instanceId: 'i-1', version: '1.0.0' }]);

    runCommand.answer({ upInARow: 3, attempts: 3, lastAnswer: '200', version: '1.0.0' });
    expect((await ask('checkReadiness', (await ask('sendReadiness')).roll)).verdict).toBe('DONE');
    clock.nowMs += 60_000;
    expect((await ask('checkBake', (await ask('sendBake')).roll)).verdict).toBe('DONE');
    expect(await target()).toMatchObject({ phase: 'rolledBack' });
  });
});

describe('a first deploy', () => {
  it('neither drains nor bakes: the placeholder had no traffic to wait for or to compare with', async () => {
    await records.updateTarget('web', 'd1', 'i-1', { fromVersion: 'none' });
    expect((await ask('checkWaitIdle', (await ask('sendWaitIdle')).roll)).verdict).toBe('DONE');
    expect(await target()).toMatchObject({ phase: 'installing' });
    expect((await ask('checkBake', (await ask('sendBake')).roll)).verdict).toBe('DONE');
    expect(await target()).toMatchObject({ phase: 'done' });
    expect(runCommand.sent).toEqual([]);
  });

  it('that fails brings the placeholder back by the install document, without any release on record', async () => {
    await records.updateTarget('web', 'd1', 'i-1', { fromVersion: 'none', rollingBackTo: 'none' });
    const sent = await ask('sendInstall');
    expect(runCommand.sent[0]).toMatchObject({ documentName: 'doc-install', parameters: { version: 'none', sha256: '0'.repeat(64) } });
    runCommand.answer({ result: 'installed', version: 'none', previousVersion: '2.0.0' });
    expect((await ask('checkInstall', sent.roll)).verdict).toBe('DONE');
    expect(await records.getInstances('web')).toMatchObject([{ instanceId: 'i-1', version: 'none' }]);
    runCommand.answer({ upInARow: 3, attempts: 3, lastAnswer: '200', version: 'none' });
    expect((await ask('checkReadiness', (await ask('sendReadiness')).roll)).verdict).toBe('DONE');
    expect((await ask('checkBake', (await ask('sendBake')).roll)).verdict).toBe('DONE');
    expect(await target()).toMatchObject({ phase: 'rolledBack', rollingBackTo: 'none' });
  });
});

it('leaves the command that it waits for on record, for a clean-up to cancel', async () => {
  const { roll } = await ask('sendWaitIdle');
  expect((await target())?.commandId).toBe(roll.commandId);
});
