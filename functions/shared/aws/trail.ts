import { type CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';

/** A management event; `record` is CloudTrail's own JSON. */
export interface TrailEvent {
  readonly eventId: string;
  readonly name: string;
  readonly atMs: number;
  readonly record: string;
}

/** CloudTrail's event history of the Region: management events of 90 days, free. */
export interface Trail {
  /** Events of one API operation, latest first. @throws ThrottlingException beyond two calls a second */
  lookUp(name: string, fromMs: number, toMs: number): Promise<{ readonly events: readonly TrailEvent[]; readonly more: boolean }>;
}

/** The most of one call. */
const PAGE_SIZE = 50;

/** @see https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html */
export function createTrail(client: CloudTrailClient): Trail {
  return {
    async lookUp(name, fromMs, toMs) {
      const { Events = [], NextToken } = await client.send(
        new LookupEventsCommand({
          LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: name }],
          StartTime: new Date(fromMs),
          EndTime: new Date(toMs),
          MaxResults: PAGE_SIZE,
        }),
      );
      const events = Events.map(({ EventId = '', EventName = name, EventTime, CloudTrailEvent = '{}' }) => ({
        eventId: EventId,
        name: EventName,
        atMs: EventTime?.getTime() ?? 0,
        record: CloudTrailEvent,
      }));
      return { events, more: NextToken !== undefined };
    },
  };
}
