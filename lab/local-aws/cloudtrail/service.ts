/** CloudTrail of the local cloud: its event history, from the calls that the gateway authorizes, as late and as slow as AWS's. */
import { z } from 'zod';
import type { Now } from '../interfaces.ts';
import { instant, list, requiredText, whole } from '../service/parse-input.ts';
import { AwsError, type LocalService } from '../service/service.ts';
import type { CallHistory } from './call-history.ts';
import { describeEvent, type TrailEvent } from './describe-event.ts';

/** What a user of the real CloudTrail would miss. */
const NOT_EMULATED = [
  'LookupEvents lists the last 10,000 calls that change something, of this run; read-only calls, data events, Insights, trails and event data stores do not exist.',
  'Of a request’s parameters an event has only the name of its resource; a call on several resources is several events.',
  'A call that was allowed and then failed is listed as if it had succeeded, and changes by CloudFormation are not listed.',
] as const;

/** All callers of an account and Region share this limit. */
const CALLS_PER_SECOND = 2;
const MOST_RESULTS = 50;

/** What events are found by: CloudTrail's attributes. */
const ATTRIBUTES: Readonly<Record<string, (event: TrailEvent) => readonly string[]>> = {
  EventId: ({ EventId }) => [EventId],
  EventName: ({ EventName }) => [EventName],
  EventSource: ({ EventSource }) => [EventSource],
  ReadOnly: ({ ReadOnly }) => [ReadOnly],
  ResourceName: ({ Resources }) => Resources.map(({ ResourceName }) => ResourceName),
  Username: ({ Username }) => [Username],
};

const input = z.object({
  LookupAttributes: list(z.object({ AttributeKey: requiredText, AttributeValue: requiredText })).optional(),
  StartTime: instant.optional(),
  EndTime: instant.optional(),
  MaxResults: whole().default(MOST_RESULTS),
  NextToken: requiredText.optional(),
});

export interface CloudTrailOptions {
  readonly history: Pick<CallHistory, 'list'>;
  readonly region: string;
  readonly now: Now;
}

export function createCloudTrailService({ history, region, now }: CloudTrailOptions): LocalService {
  let calls: readonly number[] = [];
  /** @throws AwsError ThrottlingException */
  const take = () => {
    calls = calls.filter((atMs) => atMs > now() - 1_000);
    if (calls.length >= CALLS_PER_SECOND) throw new AwsError('ThrottlingException', 'Rate exceeded');
    calls = [...calls, now()];
  };
  return {
    signingNames: ['cloudtrail'],
    protocol: { kind: 'json', version: '1.1' },
    operations: {
      LookupEvents(raw) {
        take();
        const request = input.parse(raw);
        const { LookupAttributes: attributes = [], StartTime = 0, EndTime = now(), MaxResults, NextToken = '0' } = request;
        if (MaxResults < 1 || MaxResults > MOST_RESULTS)
          throw new AwsError(
            'InvalidMaxResultsException',
            `A maximum results value of ${MaxResults} is invalid: specify 1 to ${MOST_RESULTS}.`,
          );
        if (StartTime > EndTime) throw new AwsError('InvalidTimeRangeException', 'The start time must be earlier than the end time.');
        if (!/^\d+$/.test(NextToken)) throw new AwsError('InvalidNextTokenException', 'The next token is invalid.');
        const isWanted = matching(attributes);
        const found = history
          .list()
          .filter(({ atMs }) => atMs >= StartTime && atMs <= EndTime)
          .map((call) => describeEvent(call, region))
          .filter(isWanted);
        const end = Number(NextToken) + MaxResults;
        return { Events: found.slice(Number(NextToken), end), ...(found.length > end && { NextToken: String(end) }) };
      },
    },
    resourceTypes: {},
    notEmulated: NOT_EMULATED,
    stop: async () => {},
  };
}

/** @throws AwsError InvalidLookupAttributesException */
function matching(attributes: readonly { AttributeKey: string; AttributeValue: string }[]): (event: TrailEvent) => boolean {
  const [only, ...others] = attributes;
  if (!only) return () => true;
  const values = Object.hasOwn(ATTRIBUTES, only.AttributeKey) ? ATTRIBUTES[only.AttributeKey] : undefined;
  if (!values || others.length > 0)
    throw new AwsError('InvalidLookupAttributesException', `Specify one lookup attribute: ${Object.keys(ATTRIBUTES).join(', ')}.`);
  return (event) => values(event).includes(only.AttributeValue);
}
