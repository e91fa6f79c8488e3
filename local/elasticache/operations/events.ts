import { z } from 'zod';
import type { Operation } from '../../gateway/service.ts';
import { moment, pageOf, parseInput, text } from '../input-fields.ts';
import type { ElastiCacheState } from '../state.ts';

const MINUTE_MS = 60_000;
const DEFAULT_DURATION_MINUTES = 60;

const fields = z.object({
  SourceIdentifier: text.optional(),
  SourceType: text.optional(),
  StartTime: moment.optional(),
  EndTime: moment.optional(),
  Duration: z.coerce.number().positive().optional(),
});

/** DescribeEvents: of the last hour when no time is given. */
export function eventOperations(state: ElastiCacheState): Record<string, Operation> {
  return {
    DescribeEvents: (raw) => {
      const { SourceIdentifier, SourceType, StartTime, EndTime, Duration } = parseInput(fields, raw);
      const endMs = EndTime?.getTime() ?? state.options.now();
      const startMs = StartTime?.getTime() ?? endMs - (Duration ?? DEFAULT_DURATION_MINUTES) * MINUTE_MS;
      const events = state.events
        .list()
        .filter((event) => event.dateMs >= startMs && event.dateMs <= endMs)
        .filter((event) => SourceType === undefined || event.sourceType === SourceType)
        .filter((event) => SourceIdentifier === undefined || event.sourceIdentifier === SourceIdentifier);
      const { page, Marker } = pageOf(events, raw);
      return {
        Marker,
        Events: page.map((event) => ({
          SourceIdentifier: event.sourceIdentifier,
          SourceType: event.sourceType,
          Message: event.message,
          Date: new Date(event.dateMs),
        })),
      };
    },
  };
}
