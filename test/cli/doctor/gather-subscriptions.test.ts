/** Who is subscribed to the topic of the alarms, by SNS's own answers. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { SNSClient } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ROOT } from '#local-aws/test/root-credentials.ts';
import { diagnose } from '../../../cli/doctor/diagnose.ts';
import { gatherAlarmSubscriptions } from '../../../cli/doctor/gather-store.ts';
import { healthy, knownAs, subjectOf } from './healthy-fleet.ts';

/** @see https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html */
const attributes = (values: Readonly<Record<string, string>>) => {
  const entries = Object.entries(values).map(([key, value]) => `<entry><key>${key}</key><value>${value}</value></entry>`);
  return `<GetTopicAttributesResponse><GetTopicAttributesResult><Attributes>${entries.join('')}</Attributes></GetTopicAttributesResult></GetTopicAttributesResponse>`;
};
const refusal = (code: string, message: string) =>
  `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;

let answer: readonly [status: number, body: string];
const asked: string[] = [];
let server: http.Server;
let sns: SNSClient;

beforeAll(async () => {
  server = http.createServer(async (request, response) => {
    asked.push(await new Response(request as never).text());
    response.writeHead(answer[0], { 'content-type': 'text/xml' }).end(answer[1]);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  sns = new SNSClient({ region: 'us-east-1', endpoint, credentials: ROOT, maxAttempts: 1 });
});
afterAll(() => {
  sns.destroy();
  server.close();
});

const gather = (status: number, body: string) => {
  answer = [status, body];
  return gatherAlarmSubscriptions(sns, subjectOf());
};

const unread = (looked: Parameters<typeof diagnose>[0]) =>
  diagnose(looked, subjectOf()).filter(({ check }) => check === 'existence' || check === 'could-not-read');

it('counts what is confirmed and what is pending, of the installation’s own topic', async () => {
  const found = await gather(200, attributes({ Owner: '111122223333', SubscriptionsConfirmed: '2', SubscriptionsPending: '1' }));
  expect(found).toEqual(knownAs({ confirmed: 2, pending: 1 }));
  expect(new URLSearchParams(asked.at(-1)).get('TopicArn')).toBe('arn:aws:sns:us-east-1:111122223333:holdfast-alarms');
});

it('knows that there is no topic before the first deployment', async () => {
  const alarmSubscriptions = await gather(404, refusal('NotFound', 'Topic does not exist'));
  expect(alarmSubscriptions).toMatchObject({ state: 'absent' });
  const before = { ...healthy, alarmSubscriptions, fleetRecord: alarmSubscriptions as { state: 'absent'; subject: never } };
  expect(unread(before)).toMatchObject([{ severity: 'notice', what: 'topic holdfast-alarms does not exist yet' }]);
});

it('names the right that is missing, in one line', async () => {
  const alarmSubscriptions = await gather(
    403,
    refusal('AuthorizationError', 'User: ann is not authorized to perform: SNS:GetTopicAttributes'),
  );
  expect(unread({ ...healthy, alarmSubscriptions })).toMatchObject([
    { severity: 'unknown', what: 'could not read topic holdfast-alarms: the credentials do not allow sns:GetTopicAttributes' },
  ]);
});

it('takes an answer without counts for none, not for a topic without subscribers', async () => {
  expect(await gather(200, attributes({ Owner: '111122223333' }))).toMatchObject({
    state: 'unknown',
    reason: expect.stringContaining('SubscriptionsConfirmed'),
  });
});
