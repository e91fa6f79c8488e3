import { beforeEach, expect, it } from 'vitest';
import { createControl } from '../../../../functions/deploy/control/control.ts';
import type { Records } from '../../../../functions/records/records.ts';
import type { Lease } from '../../../../functions/records/types.ts';
import type { OwnEvent } from '../../../../functions/shared/aws/event-bus.ts';
import type { Message } from '../../../../functions/shared/aws/publish-message.ts';
import { beginDeploy, createClock, DEPLOY, recordingLog, recordingMetrics, START_MS, stealLock } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';

const executionArn = 'arn:aws:states:eu-west-1:123456789012:execution:live-web-deploy:d1';
const deploy = { ...DEPLOY, executionArn, pauseAfter: 1 };
const OPTIONS = '--fleet web --region eu-west-1 --installation live';
const target = { order: 0, fromVersion: '1.0.0', phaseStartedAtMs: 1 };

let records: Records;
let lease: Lease;
let clock: ReturnType<typeof createClock>;
let published: OwnEvent[];
let sent: Message[];
let refusal: Error | undefined;
let control: ReturnType<typeof createControl>;

beforeEach(async () => {
  records = memoryRecords();
  clock = createClock();
  [published, sent, refusal] = [[], [], undefined];
  lease = await beginDeploy(records, deploy, {
    'i-1': { ...target, phase: 'done', executionName: 'e' },
    'i-2': { ...target, phase: 'waiting' },
    'i-3': { ...target, phase: 'skipped' },
  });
  control = createControl({
    records,
    metrics: recordingMetrics(),
    events: {
      async put(event) {
        if (refusal) throw refusal;
        published.push(event);
      },
    },
    publish: async (message) => void sent.push(message),
    log: recordingLog(),
    now: clock.now,
    fleet: 'web',
    settings: {},
  });
});

const begin = () => control({ step: 'beginPause', deploy, lease });

it('says what it waits for, until when, and with which commands it goes on', async () => {
  await begin();
  expect(await records.getDeploy('web', 'd1')).toMatchObject({
    stage: 'paused',
    pause: { after: 1, startedAtMs: START_MS, endsAtMs: START_MS + 1_800_000 },
  });
  expect(published).toMatchObject([
    {
      source: 'holdfast',
      detailType: 'Holdfast Deploy Waiting',
      resources: [executionArn],
      detail: {
        deployId: 'd1',
        done: ['i-1'],
        servers: 2,
        waitsUntil: '2026-01-05T12:30:00.000Z',
        continueCommand: `./holdfast deploys continue d1 ${OPTIONS}`,
        rejectCommand: `./holdfast deploys abort d1 ${OPTIONS}`,
      },
    },
  ]);
  expect(sent).toEqual([
    {
      subject: 'live/web in eu-west-1: deploy of 2.0.0 waits to be continued',
      text: `Deploy of 2.0.0 to fleet web (previous release: 1.0.0) waits to be continued: 1 of 2 servers has the release (i-1); until 2026-01-05T12:30:00.000Z, then it rolls back. Requested by ann, deploy d1

To continue it: ./holdfast deploys continue d1 ${OPTIONS}
To reject it, which rolls it back: ./holdfast deploys abort d1 ${OPTIONS}

Until it has ended other deploys are refused, instance refreshes wait, and no policy and no scheduled action scales the fleet.

Installation live, fleet web, Region eu-west-1, account 123456789012.
To see its steps: ./holdfast deploys show d1 ${OPTIONS}
`,
    },
  ]);
});

it('keeps its time when the step is delivered again, and says nothing more once it was continued', async () => {
  await begin();
  clock.nowMs += 60_000;
  await begin();
  expect((await records.getDeploy('web', 'd1'))?.pause).toMatchObject({ startedAtMs: START_MS });
  await records.continueDeploy('web', 'd1', { requestedBy: 'ann', atMs: clock.nowMs });
  await begin();
  expect([published.length, sent.length]).toEqual([2, 2]);
});

it('waits although the event cannot be sent, and sends the message', async () => {
  refusal = new Error('no bus');
  await begin();
  expect([published.length, sent.length]).toEqual([0, 1]);
  expect((await records.getDeploy('web', 'd1'))?.stage).toBe('paused');
  expect((await records.getDeploy('web', 'd1'))?.warnings).toEqual([expect.stringContaining('possibly nobody knows of it')]);
});

it('begins nothing without the lock', async () => {
  clock.nowMs += 3_600_000;
  await stealLock(records);
  await expect(begin()).rejects.toMatchObject({ name: 'LeaseLost' });
  expect(await records.getDeploy('web', 'd1')).not.toHaveProperty('pause');
});

it('says after how many it waits where the others left before', async () => {
  await control({ step: 'beginPause', deploy: { ...deploy, pauseAfter: 2 }, lease });
  expect((await records.getDeploy('web', 'd1'))?.pause).toMatchObject({ after: 1 });
});
