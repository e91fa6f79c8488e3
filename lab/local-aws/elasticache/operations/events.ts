import { z } from 'zod';
import { instant, text, whole } from '../../service/parse-input.ts';
import type { Operation } from '../../service/service.ts';
import { page, parseInput } from '../input.ts';
import type { ElastiCacheState } from '../state.ts';

const MINUTE_MS = 60_000;
const DEFAULT_DURATION_MINUTES = 60;

const fields = z.object({
  SourceIdentifier: text.optional(),
  SourceType: text.optional(),
  StartTime: instant.optional(),
  EndTime: instant.optional(),
  Duration: whole(1).optional(),
});

/** DescribeEvents: of the last hour when no time is given. */
export function eventOperations(state: ElastiCacheState): Record<string, Operation> {
  return {
    DescribeEvents: (raw) => {
      const { SourceIdentifier, SourceType, StartTime, EndTime, Duration } = parseInput(fields, raw);
      const endMs = EndTime ?? state.options.now();
      const startMs = StartTime ?? endMs - (Duration ?? DEFAULT_DURATION_MINUTES) * MINUTE_MS;
      const events = state.events
        .list()
        .filter((event) => event.dateMs >= startMs && event.dateMs <= endMs)
        .filter((event) => SourceType === undefined || event.sourceType === SourceType)
        .filter((event) => SourceIdentifier === undefined || event.sourceIdentifier === SourceIdentifier);
      const { items, Marker } = page(events, raw);
      return {
        Marker,
        Events: items.map((event) => ({
          SourceIdentifier: event.sourceIdentifier,
          SourceType: event.sourceType,
          Message: event.message,
          Date: new Date(event.dateMs),
        })),
      };
    },
  };
}
