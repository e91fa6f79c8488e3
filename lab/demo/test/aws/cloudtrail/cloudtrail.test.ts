/** The collector's own look-ups against the local CloudTrail, through the gateway. */
import { CloudTrailClient, LookupEventsCommand, type LookupEventsCommandInput } from '@aws-sdk/client-cloudtrail';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createCallHistory } from '#local-aws/cloudtrail/call-history.ts';
import { createCloudTrailService } from '#local-aws/cloudtrail/service.ts';
import { createCalls, type RecordedCall } from '#local-aws/iam/calls.ts';
import { type Fixture, rootOnly, startFixture } from '#local-aws/test/gateway/gateway-fixture.ts';
import { ROOT } from '#local-aws/test/root-credentials.ts';
import { readChange } from '../../../../../functions/incidents/collect/collect-changes.ts';
import { createTrail, type Trail } from '../../../../../functions/shared/aws/trail.ts';

const REGION = 'us-east-1';
const ROLE = 'arn:aws:iam::000000000000:role/holdfast-mitigate';
const GROUP = 'arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/holdfast-web/0123456789abcdef';
const CHANGE: RecordedCall = {
  principal: ROLE,
  action: 'elasticloadbalancing:ModifyTargetGroupAttributes',
  resource: GROUP,
  allowed: true,
};

// Signatures are checked against the real time; the service has a clock of its own.
let nowMs = Date.parse('2026-11-21T10:00:00Z');
const history = createCallHistory({ now: () => nowMs, delayMs: 300_000 });
const calls = history.recording(createCalls());
let fixture: Fixture;
let client: CloudTrailClient;
let trail: Trail;

beforeAll(async () => {
  fixture = await startFixture([createCloudTrailService({ history, region: REGION, now: () => nowMs })], rootOnly());
  client = new CloudTrailClient({ region: REGION, endpoint: fixture.gateway.url, credentials: ROOT, maxAttempts: 1 });
  trail = createTrail(client);
});
afterAll(async () => {
  client.destroy();
  await fixture.close();
});
beforeEach(() => {
  nowMs += 3_600_000;
});

const lookUp = (name = 'ModifyTargetGroupAttributes') => trail.lookUp(name, nowMs - 3_000_000, nowMs);

it('lists a change minutes after it, with the role that made it', async () => {
  const madeAtMs = nowMs;
  calls.record(CHANGE);
  expect((await lookUp()).events).toEqual([]);
  nowMs += 301_000;
  const { events, more } = await lookUp();
  expect([events.length, more]).toEqual([1, false]);
  expect(events.map((event) => readChange(event))).toEqual([
    {
      atMs: madeAtMs,
      event: 'ModifyTargetGroupAttributes',
      roleArn: ROLE,
      eventId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      resource: GROUP,
      stickiness: 'changes',
      kind: 'stickiness',
      who: 'role',
    },
  ]);
});

it('lists the same change again each time it is made, and a refused one as refused', async () => {
  calls.record(CHANGE);
  calls.record(CHANGE);
  calls.record({ ...CHANGE, allowed: false });
  nowMs += 301_000;
  const { events } = await lookUp();
  expect(events).toHaveLength(3);
  expect(events.flatMap((event) => readChange(event) ?? [])).toHaveLength(2);
});

it.each(['elasticloadbalancing:DescribeRules', 'sns:Publish', 'dynamodb:PutItem'])('does not list %s', async (action) => {
  calls.record({ ...CHANGE, action });
  nowMs += 301_000;
  expect((await lookUp(action.split(':')[1])).events).toEqual([]);
});

it('throttles the third call of a second', async () => {
  await lookUp();
  await lookUp();
  await expect(lookUp()).rejects.toMatchObject({ name: 'ThrottlingException' });
  nowMs += 1_001;
  await expect(lookUp()).resolves.toMatchObject({ events: [] });
});

it('gives at most fifty events at once, latest first, and says that there are more', async () => {
  for (let at = 0; at < 60; at += 1) calls.record({ ...CHANGE, resource: `${GROUP}${at}` });
  nowMs += 301_000;
  const { events, more } = await lookUp();
  expect([events.length, more, readChange(events[0] as (typeof events)[0])?.resource]).toEqual([50, true, `${GROUP}59`]);
});

it.each<[LookupEventsCommandInput, string]>([
  [{ MaxResults: 51 }, 'InvalidMaxResultsException'],
  [{ StartTime: new Date(2_000), EndTime: new Date(1_000) }, 'InvalidTimeRangeException'],
  [{ LookupAttributes: [{ AttributeKey: 'Colour' as never, AttributeValue: 'red' }] }, 'InvalidLookupAttributesException'],
  [{ NextToken: 'x' }, 'InvalidNextTokenException'],
])('refuses %j', async (input, name) => {
  await expect(client.send(new LookupEventsCommand(input))).rejects.toMatchObject({ name });
});
