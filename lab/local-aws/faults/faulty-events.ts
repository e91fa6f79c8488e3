/** Events of the gateway's own services, with the faults that are set. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventBus, Log } from '../interfaces.ts';
import { type FaultRegistry, textsOf } from './fault-registry.ts';

/** A dropped event counts as sent; a late one does not delay its sender, and its errors are only logged. */
export function faultyEvents(events: EventBus, faults: Pick<FaultRegistry, 'ofEvent'>, log: Log): EventBus {
  return {
    async put(event) {
      const { source, detailType, resources, detail } = event;
      const effect = faults.ofEvent({ source, detailType, texts: [...resources, ...textsOf(detail)] });
      if (effect?.kind === 'drop') return;
      if (effect?.kind === 'delay') {
        void sleep(effect.ms, undefined, { ref: false })
          .then(() => events.put(event))
          .catch((error: unknown) => log(`a late event ${detailType} was not sent: ${String(error)}`));
        return;
      }
      await events.put(event);
      if (effect?.kind === 'twice') await events.put(event);
    },
  };
}
