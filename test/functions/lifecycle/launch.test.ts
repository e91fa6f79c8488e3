import { beforeEach, describe, expect, it } from 'vitest';
import type { Launch } from '../../../functions/lifecycle/contract.ts';
import { AGENT_LIMIT_SECONDS, createLaunch } from '../../../functions/lifecycle/launch.ts';
import type { Records } from '../../../functions/records/records.ts';
import { fakeLifecycleActions } from '../fakes/auto-scaling.ts';
import { beginDeploy, createClock, DEPLOY, RELEASE, recordingLog, SETTINGS, START_MS } from '../fakes/fixtures.ts';
import { DOCUMENT_NAMES, instanceCommands } from '../fakes/instance-commands.ts';
import { memoryRecords } from '../fakes/memory-records.ts';
import { fakeRunCommand } from '../fakes/run-command.ts';

const EVENT: Launch = {
  autoScalingGroupName: 'holdfast-web',
  lifecycleHookName: 'launch',
  lifecycleActionToken: 'token',
  instanceId: 'i-9',
};

let records: Records;
let clock: ReturnType<typeof createClock>;
let runCommand: ReturnType<typeof fakeRunCommand>;
let actions: ReturnType<typeof fakeLifecycleActions>;
let online: boolean;
let launch: ReturnType<typeof createLaunch>;

const agents = { describe: async (ids: readonly string[]) => ids.map((instanceId) => ({ instanceId, version: '3.3.3000.0', online })) };

beforeEach(async () => {
  records = memoryRecords();
  await records.putRelease(RELEASE);
  await promote();
  clock = createClock();
  runCommand = fakeRunCommand();
  actions = fakeLifecycleActions();
  online = true;
  const commands = instanceCommands({ runCommand, now: clock.now });
  launch = createLaunch({ records, commands, agents, actions, log: recordingLog(), now: clock.now, fleet: 'web', settings: SETTINGS });
});

const promote = () => records.promote('web', { version: '2.0.0', sha256: RELEASE.sha256, deployId: 'd1', fencingToken: 1, atMs: START_MS });

/** Release 2.0.0 is published, and no deploy has succeeded. */
const withoutPromotion = async (): Promise<Records> => {
  const empty = memoryRecords();
  await empty.putRelease(RELEASE);
  return empty;
};

/** Launches of a fleet whose servers ran before Holdfast came. */
function adoptedLaunch(of: Records = records) {
  const documents = { ...DOCUMENT_NAMES, prepare: 'doc-prepare' };
  const commands = instanceCommands({ runCommand, documents, now: clock.now });
  return createLaunch({ ...portsOf(of), agents, commands });
}

describe('launch into a fleet that ran before', () => {
  it('lets an instance serve what it brings until a deploy has rolled the fleet, though a release is published', async () => {
    const unrolled = await withoutPromotion();
    const adopted = adoptedLaunch(unrolled);
    expect(await adopted({ step: 'prepare', launch: EVENT })).toEqual({ verdict: 'DONE', launch: EVENT });
    expect(await adopted({ step: 'sendInstall', launch: EVENT })).toEqual({ verdict: 'SKIP', launch: EVENT });
    expect((await adopted({ step: 'complete', launch: EVENT })).verdict).toBe('DONE');
    expect(runCommand.sent).toEqual([]);
    expect(actions.calls).toEqual(['heartbeat', 'CONTINUE']);
    expect(await unrolled.getInstances('web')).toEqual([]);
  });

  it('prepares an instance before it installs, once a deploy has', async () => {
    const adopted = adoptedLaunch();
    const sent = await adopted({ step: 'prepare', launch: EVENT });
    expect(sent).toMatchObject({ verdict: 'WAIT', launch: { commandId: 'command-1' } });
    runCommand.answer({ result: 'prepared' });
    const prepared = await adopted({ step: 'prepare', launch: sent.launch });
    expect(prepared.verdict).toBe('DONE');
    const install = await adopted({ step: 'sendInstall', launch: prepared.launch });
    expect(install).toMatchObject({ verdict: 'DONE', launch: { version: '2.0.0' } });
    expect(runCommand.sent.map(({ documentName }) => documentName)).toEqual(['doc-prepare', 'doc-install']);
  });

  it('waits for the agent, keeping the hook open', async () => {
    online = false;
    expect((await adoptedLaunch()({ step: 'prepare', launch: EVENT })).verdict).toBe('WAIT');
    expect(actions.calls).toEqual(['heartbeat']);
  });
});

describe('launch', () => {
  it("has the assets of the other releases whose pages are open before its own is installed, and serves without them where it can't", async () => {
    const assets = (letter: string) => ({ sha256: letter.repeat(64), sizeBytes: 1 });
    await records.putRelease({ ...RELEASE, version: '1.0.0', assets: assets('1') });
    await records.promote('web', { version: '1.0.0', sha256: RELEASE.sha256, deployId: 'd0', fencingToken: 2, atMs: START_MS });
    await records.putRelease({ ...RELEASE, version: '3.0.0', assets: assets('3') });
    const deploying = { ...DEPLOY, version: '3.0.0' };
    const { fencingToken } = await beginDeploy(records, deploying);
    const documents = { ...DOCUMENT_NAMES, stageAssets: 'doc-stage' };
    const staging = createLaunch({ ...portsOf(records), agents, commands: instanceCommands({ runCommand, documents, now: clock.now }) });
    const sent = await staging({ step: 'prepare', launch: EVENT });
    runCommand.answer({ upInARow: 0, attempts: 0, lastAnswer: 'not checked', version: 'none' });
    const begun = await staging({ step: 'prepare', launch: sent.launch });
    expect(begun).toMatchObject({ verdict: 'WAIT', launch: { staging: 0 } });
    const parameters = { version: '3.0.0', wanted: '3.0.0,1.0.0', fencingToken: String(fencingToken) };
    expect(runCommand.sent.at(-1)).toMatchObject({ documentName: 'doc-stage', parameters });
    runCommand.answer({ result: 'failed', error: 'DownloadFailed', message: 'not there' });
    const ended = await staging({ step: 'prepare', launch: begun.launch });
    expect(ended).toMatchObject({ verdict: 'DONE', launch: { commandId: undefined, staging: undefined } });
    expect(runCommand.sent).toHaveLength(2);
  });

  it('waits for the end of user data, keeping the hook open and showing its phase', async () => {
    const sent = await launch({ step: 'prepare', launch: EVENT });
    expect(sent).toMatchObject({ verdict: 'WAIT', launch: { commandId: 'command-1' } });
    const observed = { upInARow: 0, attempts: 0, lastAnswer: 'not checked', version: 'none' };
    runCommand.answer({ ...observed, preparing: 'installing package java-21' });
    const waiting = await launch({ step: 'prepare', launch: sent.launch });
    expect(waiting).toMatchObject({ verdict: 'WAIT', launch: { commandId: 'command-2', preparing: 'installing package java-21' } });
    expect(actions.calls).toEqual(['heartbeat', 'heartbeat', 'heartbeat']);
    runCommand.answer({ ...observed, preparationFailed: 'user data failed' });
    await expect(launch({ step: 'prepare', launch: waiting.launch })).rejects.toMatchObject({ name: 'PreparationFailed' });
    runCommand.answer(observed);
    expect(await launch({ step: 'prepare', launch: waiting.launch })).toMatchObject({ verdict: 'DONE', launch: { commandId: undefined } });
  });

  it('completes at once while no deploy has succeeded, though a release is published: the instance keeps its placeholder', async () => {
    const unpromoted = await withoutPromotion();
    const first = createLaunch(portsOf(unpromoted));
    expect(await first({ step: 'prepare', launch: EVENT })).toEqual({ verdict: 'DONE', launch: EVENT });
    expect(await first({ step: 'sendInstall', launch: EVENT })).toEqual({ verdict: 'SKIP', launch: EVENT });
    expect((await first({ step: 'complete', launch: EVENT })).verdict).toBe('DONE');
    expect(actions.calls).toEqual(['heartbeat', 'CONTINUE']);
    expect(runCommand.sent).toEqual([]);
    expect(await unpromoted.getInstances('web')).toEqual([]);
  });

  it('waits for the agent, keeping the hook open, and says so when it never reports', async () => {
    online = false;
    const waiting = await launch({ step: 'sendInstall', launch: EVENT });
    expect(waiting).toEqual({ verdict: 'WAIT', launch: { ...EVENT, phase: 'waiting', phaseStartedAtMs: START_MS } });
    expect(actions.calls).toEqual(['heartbeat']);
    expect(runCommand.sent).toEqual([]);
    clock.nowMs += AGENT_LIMIT_SECONDS * 1000 - 1;
    expect((await launch({ step: 'sendInstall', launch: waiting.launch })).verdict).toBe('WAIT');
    clock.nowMs += 1;
    await expect(launch({ step: 'sendInstall', launch: waiting.launch })).rejects.toMatchObject({
      name: 'CommandFailed',
      message: 'the Systems Manager agent on i-9 did not report within 900 s of the launch',
    });
  });

  it("installs the fleet's current release with the latest deploy's token", async () => {
    await records.acquireLock({
      fleet: 'web',
      deployId: 'd1',
      executionArn: 'arn',
      requestedBy: 'ann',
      version: '2',
      nowMs: 0,
      expiresAtMs: 1,
    });
    const reply = await launch({ step: 'sendInstall', launch: EVENT });
    const documents = { waitIdle: 'latest-doc-wait-idle', install: 'latest-doc-install', observe: 'latest-doc-observe' };
    const wanted = { ...EVENT, documents, phase: 'installing', version: '2.0.0', commandId: 'command-1', phaseStartedAtMs: START_MS };
    expect(reply).toEqual({ verdict: 'DONE', launch: wanted });
    expect(runCommand.sent[0]).toMatchObject({ instanceId: 'i-9', parameters: { version: '2.0.0', fencingToken: '1' } });
  });

  it('installs what is current on the way out of a warm pool, whatever was on the way in', async () => {
    for (const version of ['2.0.0', '3.0.0']) {
      await records.putRelease({ ...RELEASE, version });
      await records.promote('web', { version, sha256: RELEASE.sha256, deployId: version, fencingToken: 1, atMs: START_MS });
      await launch({ step: 'complete', launch: (await launch({ step: 'sendInstall', launch: EVENT })).launch });
      expect(await records.getInstances('web')).toEqual([expect.objectContaining({ instanceId: 'i-9', version })]);
    }
  });

  it('refuses a release whose record was changed to another archive after it was deployed', async () => {
    const tampered = { ...records, getRelease: async () => ({ ...RELEASE, sha256: 'f'.repeat(64) }) };
    const refusing = createLaunch({ ...portsOf(tampered), agents });
    await expect(refusing({ step: 'sendInstall', launch: EVENT })).rejects.toMatchObject({
      name: 'ReleaseChanged',
      message: `the record of release 2.0.0 has SHA-256 ${'f'.repeat(64)}, and ${RELEASE.sha256} was deployed: nothing was installed on i-9. Find out who changed the record, then publish under a new version and deploy that`,
    });
    expect(runCommand.sent).toEqual([]);
  });

  it('passes install and readiness check, and lets the instance into service with its version on record', async () => {
    let { launch: state } = await launch({ step: 'sendInstall', launch: EVENT });
    expect((await launch({ step: 'checkInstall', launch: state })).verdict).toBe('WAIT');
    runCommand.answer({ result: 'installed', version: '2.0.0', previousVersion: 'none', environment: { DB: '4' } });
    clock.nowMs += 40_000;
    state = (await launch({ step: 'checkInstall', launch: state })).launch;
    state = (await launch({ step: 'sendReadiness', launch: state })).launch;
    runCommand.answer({ upInARow: 3, attempts: 3, lastAnswer: '200 UP', version: '2.0.0' });
    const readiness = await launch({ step: 'checkReadiness', launch: state });
    expect(readiness.verdict).toBe('DONE');
    expect((await launch({ step: 'complete', launch: readiness.launch })).verdict).toBe('DONE');
    expect(actions.calls).toEqual(['heartbeat', 'heartbeat', 'heartbeat', 'CONTINUE']);
    expect(await records.getInstances('web')).toMatchObject([{ instanceId: 'i-9', version: '2.0.0', environment: { DB: '4' } }]);
    // A restart of all that begins within the install does not count it as its own.
    expect(await records.getInstances('web')).toMatchObject([{ installedAtMs: START_MS }]);
  });

  it('runs the versions of the documents that were the latest when it began, to its end', async () => {
    const { launch: sent } = await launch({ step: 'sendInstall', launch: EVENT });
    runCommand.latestVersion = async () => 'changed-meanwhile';
    runCommand.answer({ result: 'installed', version: '2.0.0', previousVersion: 'none' });
    const installed = await launch({ step: 'checkInstall', launch: sent });
    await launch({ step: 'sendReadiness', launch: installed.launch });
    expect(runCommand.sent.map(({ documentVersion }) => documentVersion)).toEqual(['latest-doc-install', 'latest-doc-observe']);
  });

  it('installs again when the current release changed meanwhile', async () => {
    await records.promote('web', { version: '3.0.0', sha256: RELEASE.sha256, deployId: 'd2', fencingToken: 5, atMs: 1 });
    expect((await launch({ step: 'complete', launch: { ...EVENT, version: '2.0.0' } })).verdict).toBe('REPEAT');
    expect(actions.calls).not.toContain('CONTINUE');
  });

  it('installs the release of the first deploy that has succeeded since the launch found none', async () => {
    const unpromoted = await withoutPromotion();
    const first = createLaunch(portsOf(unpromoted));
    const { launch: skipped } = await first({ step: 'sendInstall', launch: EVENT });
    await unpromoted.promote('web', { version: '2.0.0', sha256: RELEASE.sha256, deployId: 'd1', fencingToken: 1, atMs: START_MS });
    expect(await first({ step: 'complete', launch: skipped })).toMatchObject({ verdict: 'REPEAT' });
    expect(actions.calls).not.toContain('CONTINUE');
  });

  it('installs and records nothing once the lifecycle action is over: a deploy may have brought another release to the server', async () => {
    actions.over = true;
    expect(await launch({ step: 'prepare', launch: EVENT })).toMatchObject({ verdict: 'DONE' });
    const skipped = await launch({ step: 'sendInstall', launch: EVENT });
    expect(skipped).toMatchObject({ verdict: 'SKIP' });
    expect(await launch({ step: 'complete', launch: skipped.launch })).toMatchObject({ verdict: 'DONE' });
    expect(await launch({ step: 'complete', launch: { ...EVENT, version: '2.0.0' } })).toMatchObject({ verdict: 'DONE' });
    expect(runCommand.sent).toEqual([]);
    expect(await records.getInstances('web')).toEqual([]);
  });

  it('throws what the install says', async () => {
    const { launch: state } = await launch({ step: 'sendInstall', launch: EVENT });
    runCommand.answer({ result: 'failed', error: 'InvalidRelease', message: 'no contract' });
    await expect(launch({ step: 'checkInstall', launch: state })).rejects.toMatchObject({ name: 'InstallFailed' });
  });

  it.each([[false], [true]])('abandons the launch, also when the hook is over (%s)', async (over) => {
    actions.over = over;
    expect((await launch({ step: 'abandon', launch: EVENT })).verdict).toBe('DONE');
    expect(actions.calls).toEqual(['ABANDON']);
  });

  it('logs the phase that an abandoned launch was in, and what user data was doing', async () => {
    const logged: unknown[] = [];
    const log = { info: () => {}, warn: (event: string, fields: unknown) => void logged.push([event, fields]) };
    const abandoning = createLaunch({ ...portsOf(records), log });
    const error = { Error: 'CommandFailed', Cause: 'late' };
    await abandoning({ step: 'abandon', launch: { ...EVENT, phase: 'preparing', preparing: 'installing java-21' }, error });
    await abandoning({ step: 'abandon', launch: EVENT, error });
    expect(logged).toEqual([
      ['lifecycle.launchAbandoned', { instanceId: 'i-9', phase: 'preparing', preparing: 'installing java-21', error: 'CommandFailed' }],
      ['lifecycle.launchAbandoned', { instanceId: 'i-9', phase: 'waiting', preparing: undefined, error: 'CommandFailed' }],
    ]);
  });
});

function portsOf(emptyRecords: Records) {
  const commands = instanceCommands({ runCommand, now: clock.now });
  return {
    records: emptyRecords,
    commands,
    agents: { describe: async () => [] },
    actions,
    log: recordingLog(),
    now: clock.now,
    fleet: 'web',
    settings: SETTINGS,
  };
}
