import type { EventBus, OwnEvent } from '../../shared/aws/event-bus.ts';
import type { Message, PublishMessage } from '../../shared/aws/signed/publish-message.ts';
import { describeError } from '../../shared/errors.ts';
import { LOG_EVENTS, type Log } from '../../shared/log-events.ts';
import type { MetricSink } from '../../shared/metrics.ts';
import { METRICS } from '../contract/metrics.ts';

export interface PublishPorts {
  readonly metrics: MetricSink;
  /** Receives an event for every deploy that waits to be continued, or ends. */
  readonly events: EventBus;
  /** Sends people a message about it, by the fleet's topic. */
  readonly publish: PublishMessage;
  readonly log: Log;
}

export interface Published {
  readonly event: OwnEvent;
  readonly message: Message;
}

/**
 * Published again when the step is delivered again: a subscriber can recognize it by the deploy's id. An event or a message that
 * cannot be sent is lost, logged and counted; it changes neither the deploy nor whether the other is sent.
 * @param describe undefined: there is nothing to publish
 * @returns whether nothing was lost
 */
export async function publishBoth(
  { metrics, events, publish, log }: PublishPorts,
  deployId: string,
  describe: () => Promise<Published | undefined>,
): Promise<boolean> {
  let isLost = false;
  const attempt = async (send: () => Promise<void>) => {
    try {
      await send();
    } catch (error) {
      isLost = true;
      metrics.count(METRICS.deployEventNotSent);
      log.warn(LOG_EVENTS.deployEventNotSent, { deployId, error: describeError(error) });
    }
  };
  await attempt(async () => {
    const published = await describe();
    if (!published) return;
    await Promise.all([attempt(() => events.put(published.event)), attempt(() => publish(published.message))]);
  });
  return !isLost;
}
