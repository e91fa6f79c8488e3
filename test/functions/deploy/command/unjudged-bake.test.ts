/** A bake in which requests were in flight and none ended has judged no response time: a warning of the deploy, once. */
import { expect, it } from 'vitest';
import { createCommand } from '../../../../functions/deploy/command/command.ts';
import type { ReleaseRecord } from '../../../../functions/records/types.ts';
import { beginDeploy, createClock, DEPLOY, ROLL, recordingMetrics, START_MS } from '../../fakes/fixtures.ts';
import { instanceCommands } from '../../fakes/instance-commands.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';
import { fakeRunCommand } from '../../fakes/run-command.ts';
import { fakeTargetGroup } from '../../fakes/target-group.ts';

const baking = { phase: 'baking', order: 0, fromVersion: '1.0.0', phaseStartedAtMs: START_MS } as const;
const PROBE = { path: '/internal/status', field: 'latencyMs' };
const WARNING =
  'VERSION baked without a response time: no answer ended within 15 s, so that bakeMaxLatencyMs (1000 ms) judged none. Set deploy.bakeSeconds to more than the longest usual answer takes; the local cloud uses it only with --real-time.';

it.each<[string, { readonly app?: object; readonly rollingBackTo?: string; readonly counts: object; readonly warns: boolean }]>([
  ['counted as they begin', { counts: { inFlight: 3, requests: 3 }, warns: true }],
  ['counted as they end', { counts: { inFlight: 3, requests: 0 }, warns: true }],
  ['of which some have ended', { counts: { inFlight: 3, requests: 40 }, warns: false }],
  ['which are none, as at night', { counts: { inFlight: 0, requests: 0 }, warns: false }],
  ['that nothing counts', { counts: {}, warns: false }],
  ['of a release without latencyMs', { app: {}, counts: { inFlight: 3, requests: 3 }, warns: false }],
  ['of a rollback, which has no limit', { rollingBackTo: '1.0.0', counts: { inFlight: 3, requests: 3 }, warns: false }],
])('requests %s', async (_, { app = { latencyMs: PROBE }, rollingBackTo, counts, warns }) => {
  const records = memoryRecords();
  const runCommand = fakeRunCommand();
  const clock = createClock();
  const { now } = clock;
  const release = { fleet: 'web', version: DEPLOY.version, sha256: 'a', sizeBytes: 1, publishedAtMs: 1, publishedBy: 'ann', app };
  await records.putRelease(release as ReleaseRecord);
  const servers = ['i-1', 'i-2'];
  const targets = Object.fromEntries(servers.map((id) => [id, { ...baking, ...(rollingBackTo !== undefined && { rollingBackTo }) }]));
  const lease = await beginDeploy(records, DEPLOY, targets);
  const command = createCommand({
    responses: async () => [],
    ...{ records, now, metrics: recordingMetrics() },
    targetGroup: fakeTargetGroup({ 'i-1': 'healthy', 'i-2': 'healthy' }),
    commands: instanceCommands({ runCommand, now }),
  });
  for (const instanceId of servers) {
    const before = { ...ROLL, instanceId, phaseStartedAtMs: now(), bake: { errorsAtStart: 0 } };
    const { roll } = await command({ step: 'sendBake', deploy: DEPLOY, lease, roll: before });
    runCommand.answer({ upInARow: 1, attempts: 1, lastAnswer: '200 UP', version: '2.0.0', errors: 0, latencyMs: 4, ...counts });
    clock.nowMs += 15_000;
    expect((await command({ step: 'checkBake', deploy: DEPLOY, lease, roll })).verdict).toBe('DONE');
  }
  const { warnings } = (await records.getDeploy('web', DEPLOY.deployId)) ?? {};
  expect(warnings).toEqual(warns ? [WARNING.replace('VERSION', DEPLOY.version)] : undefined);
});
