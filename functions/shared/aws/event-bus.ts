import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { printable } from '../foreign-text.ts';
import { CLIENT_OPTIONS } from './client-options.ts';

export interface OwnEvent {
  readonly source: string;
  readonly detailType: string;
  /** ARNs of the resources that the event is about. */
  readonly resources: readonly string[];
  readonly detail: object;
}

/** The account's default event bus. */
export interface EventBus {
  /** @throws Error when the bus rejects the event */
  put(event: OwnEvent): Promise<void>;
}

/** Options of a client for events that must not delay a step for long: the slowest call takes 2 × (1 s + 5 s) plus back-off. */
export const EVENT_CLIENT_OPTIONS = {
  maxAttempts: 2,
  requestHandler: { ...CLIENT_OPTIONS.requestHandler, connectionTimeout: 1_000, requestTimeout: 5_000 },
} as const;

/** Consumers print an event's texts. */
const shown = (_key: string, value: unknown): unknown => (typeof value === 'string' ? printable(value) : value);

/** @param client see {@link EVENT_CLIENT_OPTIONS} */
export function createEventBus(client: EventBridgeClient): EventBus {
  return {
    async put({ source, detailType, resources, detail }) {
      const entry = { Source: source, DetailType: detailType, Resources: [...resources], Detail: JSON.stringify(detail, shown) };
      const { FailedEntryCount, Entries } = await client.send(new PutEventsCommand({ Entries: [entry] }));
      if (!FailedEntryCount) return;
      // The call succeeds even when its one entry fails.
      const { ErrorCode = 'Unknown', ErrorMessage = '' } = Entries?.[0] ?? {};
      throw new Error(`the event bus rejected "${detailType}": ${ErrorCode} ${ErrorMessage}`.trim());
    },
  };
}
