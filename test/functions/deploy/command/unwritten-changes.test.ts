/** A release that loses what its requests change in sessions: a warning of the deploy, once, and on record for each server. */
import { expect, it } from 'vitest';
import { createCommand } from '../../../../functions/deploy/command/command.ts';
import { unwrittenWarnings } from '../../../../functions/shared/unwritten.ts';
import { beginDeploy, createClock, DEPLOY, ROLL, recordingMetrics, START_MS } from '../../fakes/fixtures.ts';
import { instanceCommands } from '../../fakes/instance-commands.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';
import { fakeRunCommand } from '../../fakes/run-command.ts';
import { fakeTargetGroup } from '../../fakes/target-group.ts';

const baking = { phase: 'baking', order: 0, fromVersion: '1.0.0', phaseStartedAtMs: START_MS } as const;
const sample = (requests: number, of: number, more: object = {}) => ({
  ...{ requests, of, attributes: ['cart (java.util.ArrayList)'], unserializable: [] },
  ...more,
});
const inUrls = { inUrls: { sessions: 2, of: 30 } };
const URLS =
  'Release 2.0.0 has ids of sessions in URLs: 2 of 30 sessions had the id in URLs (;jsessionid=) and in no cookie. They reach logs, search engines and anyone who gets a link. Set <tracking-mode>COOKIE</tracking-mode> in web.xml, and publish a new release.';

it.each([
  ['by each server', [sample(3, 40), sample(2, 30)], [3, 40]],
  ['by the second server alone', [sample(0, 40), sample(2, 30)], [2, 30]],
  ['by none', [sample(0, 40), sample(0, 30)], undefined],
  ['by servers that compare no sessions', [undefined, undefined], undefined],
  ['by none, with each id in a cookie', [sample(0, 40, { inUrls: { sessions: 0, of: 9 } }), sample(0, 30)], undefined],
  ['by none, with ids in URLs on both', [sample(0, 40, inUrls), sample(0, 30, { inUrls: { sessions: 3, of: 9 } })], undefined, [URLS]],
  ['by the first one, with ids in URLs on the second', [sample(3, 40), sample(2, 30, inUrls)], [3, 40], [URLS]],
] as const)('changes that are lost %s', async (_, samples, warned, more: readonly string[] = []) => {
  const records = memoryRecords();
  const runCommand = fakeRunCommand();
  const clock = createClock();
  const { now } = clock;
  const lease = await beginDeploy(records, DEPLOY, { 'i-1': baking, 'i-2': baking });
  const command = createCommand({
    responses: async () => [],
    ...{ records, now, metrics: recordingMetrics() },
    targetGroup: fakeTargetGroup({ 'i-1': 'healthy', 'i-2': 'healthy' }),
    commands: instanceCommands({ runCommand, now }),
  });
  for (const [at, unwritten] of samples.entries()) {
    const before = { ...ROLL, instanceId: `i-${at + 1}`, phaseStartedAtMs: now(), bake: { errorsAtStart: 0 } };
    const { roll } = await command({ step: 'sendBake', deploy: DEPLOY, lease, roll: before });
    const answer = { upInARow: 1, attempts: 1, lastAnswer: '200 UP', version: '2.0.0', errors: 0, latencyMs: 4 };
    runCommand.answer({ ...answer, ...(unwritten && { unwritten }) });
    clock.nowMs += 15_000;
    expect((await command({ step: 'checkBake', deploy: DEPLOY, lease, roll })).verdict).toBe('DONE');
  }
  const { warnings, targets = {} } = (await records.getDeploy('web', DEPLOY.deployId)) ?? {};
  expect(warnings ?? []).toEqual([
    ...(warned
      ? [
          `Release ${DEPLOY.version} loses changes of sessions: ${warned[0]} of ${warned[1]} sampled requests changed session attributes that were not written to the store: cart (java.util.ArrayList). Set "sessionUpdates": "afterRequest" in app, or call setAttribute after each change, and publish a new release.`,
        ]
      : []),
    ...more,
  ]);
  expect(['i-1', 'i-2'].map((id) => targets[id]?.unwritten)).toEqual(samples);
});

it.each([
  [
    { requests: 0, failed: 2 },
    "0 of 40 sampled requests changed session attributes that were not written to the store; 2 changes could not be written, for which the server's log has the reason. Read the log of the servers, and whether the store failed meanwhile.",
  ],
  [
    { requests: 1, failed: 1 },
    '1 of 40 sampled requests changed session attributes that were not written to the store; 1 change could not be written, for which the server\'s log has the reason. Set "sessionUpdates": "afterRequest" in app, or call setAttribute after each change, and publish a new release.',
  ],
])('warns of changes that could not be written: %j', (counts, sentence) => {
  expect(unwrittenWarnings('2.0.0', { ...counts, of: 40, attributes: [], unserializable: [] })).toEqual([
    `Release 2.0.0 loses changes of sessions: ${sentence}`,
  ]);
});
