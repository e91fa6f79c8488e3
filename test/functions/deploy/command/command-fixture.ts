/** The function that works on servers, over records in memory and a Run Command whose answers a test gives. */
import { type CommandPorts, createCommand } from '../../../../functions/deploy/command/command.ts';
import { beginDeploy, createClock, RELEASE, recordingMetrics } from '../../fakes/fixtures.ts';
import { DOCUMENT_NAMES, instanceCommands } from '../../fakes/instance-commands.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';
import { fakeRunCommand } from '../../fakes/run-command.ts';
import { fakeTargetGroup } from '../../fakes/target-group.ts';

export type CommandFixture = Awaited<ReturnType<typeof commandFixture>>;

export async function commandFixture(more: Pick<CommandPorts, 'hasVariables'> = {}) {
  const records = memoryRecords();
  await records.putRelease(RELEASE);
  const lease = await beginDeploy(records);
  const clock = createClock();
  const runCommand = fakeRunCommand();
  const metrics = recordingMetrics();
  const targetGroup = fakeTargetGroup({ 'i-1': 'healthy' });
  const pauses: number[] = [];
  const polling = { pausesMs: [], pause: async (ms: number) => void pauses.push(ms) };
  const command = createCommand({
    responses: async () => [],
    records,
    commands: instanceCommands({ runCommand, documents: DOCUMENT_NAMES, now: clock.now }),
    targetGroup,
    metrics,
    now: clock.now,
    polling,
    ...more,
  });
  return { records, lease, clock, runCommand, metrics, targetGroup, pauses, command };
}
