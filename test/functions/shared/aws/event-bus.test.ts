import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { beforeEach, describe, expect, it } from 'vitest';
import { createEventBus, type EventBus } from '../../../../functions/shared/aws/event-bus.ts';
import { stubHttp } from '../../fakes/stub-http.ts';
import { HOSTILE, STEERS } from '../hostile-texts.ts';

let http: ReturnType<typeof stubHttp>;
let bus: EventBus;
beforeEach(() => {
  http = stubHttp();
  bus = createEventBus(new EventBridgeClient(http.config));
});

const event = { source: 'holdfast', detailType: 'Happened', resources: ['arn:x'], detail: { a: 1 } };

describe('the event bus', () => {
  it('takes an event', async () => {
    http.answer(JSON.stringify({ FailedEntryCount: 0, Entries: [{ EventId: '1' }] }));
    await bus.put(event);
    expect(http.seen.map(({ target, body }) => [target, JSON.parse(body)])).toEqual([
      ['AWSEvents.PutEvents', { Entries: [{ Source: 'holdfast', DetailType: 'Happened', Resources: ['arn:x'], Detail: '{"a":1}' }] }],
    ]);
  });

  it('takes an event whose texts steer nothing where a consumer prints them', async () => {
    http.answer(JSON.stringify({ FailedEntryCount: 0, Entries: [{ EventId: '1' }] }));
    await bus.put({ ...event, detail: { a: HOSTILE.map(([, text]) => ({ text })) } });
    const [{ Detail }] = JSON.parse(http.seen[0]?.body ?? '').Entries as [{ Detail: string }];
    for (const { text } of JSON.parse(Detail).a as { text: string }[]) expect(text).not.toMatch(STEERS);
  });

  it('throws when the call succeeds and its event fails', async () => {
    http.answer(JSON.stringify({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'InternalException', ErrorMessage: 'later' }] }));
    await expect(bus.put(event)).rejects.toThrow('the event bus rejected "Happened": InternalException later');
  });
});
