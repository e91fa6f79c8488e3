/** A server that serves nobody is not asked for its sessions: the wait for them would only delay its repair. */
import { expect, it } from 'vitest';
import { sendSessionLook } from '../../../../functions/deploy/command/session-looks.ts';
import type { TargetProgress } from '../../../../functions/records/types.ts';
import { createClock, DEPLOY, ROLL, waitingSince } from '../../fakes/fixtures.ts';
import { instanceCommands } from '../../fakes/instance-commands.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';
import { fakeRunCommand } from '../../fakes/run-command.ts';

const LEASE = { fencingToken: 1, expiresAtMs: 2 };
const RESTART = { ...DEPLOY, version: '1.0.0', restart: 'i-1' };
/** A restart installs the release that the server has. */
const RELEASES = { fromVersion: '1.0.0', version: '1.0.0', isRollback: false };

async function look(target: Partial<TargetProgress> | undefined) {
  const runCommand = fakeRunCommand();
  const ports = { records: memoryRecords(), commands: instanceCommands({ runCommand, now: createClock().now }) };
  const request = { deploy: RESTART, lease: LEASE, roll: { ...ROLL, commandId: 'earlier' } };
  const { roll } = await sendSessionLook(ports, request, RELEASES, target && { ...waitingSince(1), ...target });
  return { sent: runCommand.sent.length, commandId: roll.commandId };
}

it.each<[string, Partial<TargetProgress> | undefined]>([
  ['is unhealthy', { healthBefore: 'unhealthy' }],
  ['is in no target group', { healthBefore: 'unused' }],
  ['had no health on record', { healthBefore: undefined }],
  ['has no release yet', { fromVersion: 'none' }],
  ['is not on record', undefined],
])('a restart sends no command to a server that %s', async (_what, target) => {
  expect(await look(target)).toEqual({ sent: 0, commandId: undefined });
});

it.each<[string, Partial<TargetProgress>]>([
  ['is healthy', { healthBefore: 'healthy' }],
  ['is not healthy yet', { healthBefore: 'initial' }],
  ['got its first release and is rolled back', { fromVersion: 'none', rollingBackTo: 'none' }],
])('a restart asks a server that %s', async (_what, target) => {
  expect(await look(target)).toEqual({ sent: 1, commandId: 'command-1' });
});
