/** What the deploy's record has of the commands that read session cookies, which run on two servers. */
import { expect, it } from 'vitest';
import { createCommand } from '../../../../functions/deploy/command/command.ts';
import type { Roll } from '../../../../functions/deploy/contract/roll.ts';
import { beginDeploy, createClock, DEPLOY, RELEASE, ROLL, recordingMetrics, START_MS } from '../../fakes/fixtures.ts';
import { instanceCommands } from '../../fakes/instance-commands.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';
import { fakeRunCommand } from '../../fakes/run-command.ts';
import { fakeTargetGroup } from '../../fakes/target-group.ts';

const session = { cookie: 'SID', page: '/p' };
const waiting = { phase: 'waiting', order: 0, fromVersion: '1.0.0', phaseStartedAtMs: START_MS } as const;

async function serverWithReadinessCheck() {
  const records = memoryRecords();
  const runCommand = fakeRunCommand();
  const { now } = createClock();
  const lease = await beginDeploy(records, DEPLOY, {
    'i-1': { ...waiting, phase: 'checkingReadiness', commandId: 'of-the-readiness-check' },
    'i-2': waiting,
  });
  for (const version of ['1.0.0', DEPLOY.version]) await records.putRelease({ ...RELEASE, version, app: { ...RELEASE.app, session } });
  const command = createCommand({
    responses: async () => [],
    ...{ records, now, metrics: recordingMetrics() },
    targetGroup: fakeTargetGroup({ 'i-1': 'unused', 'i-2': 'healthy' }),
    commands: instanceCommands({ runCommand, now }),
  });
  const ask = (step: 'checkReadiness' | 'readCookie', roll: Roll) => command({ step, deploy: DEPLOY, lease, roll });
  const onRecord = async () => (await records.getDeploy('web', 'd1'))?.targets['i-1']?.commandId;
  /** As many answers in a row as the readiness check wants, but for some, from the release that it is about. */
  const answerReadiness = (missing: number) => {
    const upInARow = DEPLOY.settings.healthyInARow - missing;
    runCommand.answer({ upInARow, attempts: upInARow, lastAnswer: 'UP', version: DEPLOY.version });
  };
  return { runCommand, ask, onRecord, answerReadiness };
}
const ATTEMPT: Roll = { ...ROLL, commandId: 'of-the-readiness-check' };

it('has the commands of the rolled server alone: a clean-up looks for them there', async () => {
  const { runCommand, ask, onRecord, answerReadiness } = await serverWithReadinessCheck();
  // The last check of readiness begins it.
  answerReadiness(0);
  const first = await ask('checkReadiness', ATTEMPT);
  expect([runCommand.sent[0]?.instanceId, await onRecord()]).toEqual(['i-2', 'of-the-readiness-check']);
  runCommand.answer({
    upInARow: 0,
    attempts: 0,
    lastAnswer: '',
    version: '1.0.0',
    cookieRead: { cookie: { name: 'SID', secure: true, httpOnly: true } },
  });
  await ask('readCookie', first.roll);
  expect([runCommand.sent[1]?.instanceId, await onRecord()]).toEqual(['i-1', 'command-2']);
});

it('has none of them while the readiness check goes on: a server that is not up yet is asked nothing else', async () => {
  const { runCommand, ask, answerReadiness } = await serverWithReadinessCheck();
  const silent = await ask('checkReadiness', ATTEMPT);
  expect([silent.verdict, silent.roll.cookie, runCommand.sent]).toEqual(['WAIT', undefined, []]);
  answerReadiness(1);
  const again = await ask('checkReadiness', ATTEMPT);
  expect([again.verdict, again.roll.cookie, runCommand.sent]).toEqual(['REPEAT', undefined, []]);
});
