import type { JsonService } from './json-service.ts';

/** X-Amz-Target of CloudTrail. */
export const CLOUDTRAIL_TARGET = 'com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101';

/** A management event; `record` is CloudTrail's own JSON. */
export interface TrailEvent {
  readonly eventId: string;
  readonly name: string;
  readonly atMs: number;
  readonly record: string;
}

/** CloudTrail's event history of the Region: management events of 90 days, free. */
export interface Trail {
  /** Events of one API operation, latest first. @throws AwsServiceError ThrottlingException beyond two calls a second */
  lookUp(name: string, fromMs: number, toMs: number): Promise<{ readonly events: readonly TrailEvent[]; readonly more: boolean }>;
}

interface Answer {
  readonly Events?: readonly {
    readonly EventId?: string;
    readonly EventName?: string;
    readonly EventTime?: number;
    readonly CloudTrailEvent?: string;
  }[];
  readonly NextToken?: string;
}

/** The most of one call. */
const PAGE_SIZE = 50;

/** @see https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html */
export function createTrail(cloudTrail: JsonService): Trail {
  return {
    async lookUp(name, fromMs, toMs) {
      const { Events = [], NextToken } = await cloudTrail<Answer>('LookupEvents', {
        LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: name }],
        StartTime: Math.floor(fromMs / 1_000),
        EndTime: Math.ceil(toMs / 1_000),
        MaxResults: PAGE_SIZE,
      });
      const events = Events.map(({ EventId = '', EventName = name, EventTime = 0, CloudTrailEvent = '{}' }) => ({
        eventId: EventId,
        name: EventName,
        atMs: EventTime * 1_000,
        record: CloudTrailEvent,
      }));
      return { events, more: NextToken !== undefined };
    },
  };
}
