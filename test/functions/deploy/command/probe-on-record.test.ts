/** What the deploy's record has of a session probe's commands, which run on two servers. */
import { expect, it } from 'vitest';
import { createCommand } from '../../../../functions/deploy/command/command.ts';
import type { Roll } from '../../../../functions/deploy/contract/roll.ts';
import { beginDeploy, createClock, DEPLOY, RELEASE, ROLL, recordingMetrics, START_MS } from '../../fakes/fixtures.ts';
import { instanceCommands } from '../../fakes/instance-commands.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';
import { fakeRunCommand } from '../../fakes/run-command.ts';
import { fakeTargetGroup } from '../../fakes/target-group.ts';

const session = { cookie: 'SID', probe: { write: '/w', read: '/r' } };
const waiting = { phase: 'waiting', order: 0, fromVersion: '1.0.0', phaseStartedAtMs: START_MS } as const;

it('has the commands of the rolled server alone: a clean-up looks for them there', async () => {
  const records = memoryRecords();
  const runCommand = fakeRunCommand();
  const { now } = createClock();
  const lease = await beginDeploy(records, DEPLOY, { 'i-1': { ...waiting, phase: 'gating', commandId: 'of-the-gate' }, 'i-2': waiting });
  for (const version of ['1.0.0', DEPLOY.version]) await records.putRelease({ ...RELEASE, version, app: { ...RELEASE.app, session } });
  const command = createCommand({
    ...{ records, now, metrics: recordingMetrics(), probeSecret: 'arn:secret' },
    targetGroup: fakeTargetGroup({ 'i-1': 'unused', 'i-2': 'healthy' }),
    commands: instanceCommands({ runCommand, now }),
  });
  const ask = (step: 'checkGate' | 'probeSession', roll: Roll) => command({ step, deploy: DEPLOY, lease, roll });
  const onRecord = async () => (await records.getDeploy('web', 'd1'))?.targets['i-1']?.commandId;

  // The gate's last check begins the probe: as many answers in a row as the gate wants, from the release that it is about.
  const { healthyInARow } = DEPLOY.settings;
  runCommand.answer({ upInARow: healthyInARow, attempts: healthyInARow, lastAnswer: 'UP', version: DEPLOY.version });
  const first = await ask('checkGate', { ...ROLL, commandId: 'of-the-gate' });
  expect([runCommand.sent[0]?.instanceId, await onRecord()]).toEqual(['i-2', 'of-the-gate']);
  runCommand.answer({ upInARow: 0, attempts: 0, lastAnswer: '', version: '1.0.0', probe: { sealed: 'old' } });
  await ask('probeSession', first.roll);
  expect([runCommand.sent[1]?.instanceId, await onRecord()]).toEqual(['i-1', 'command-2']);
});
