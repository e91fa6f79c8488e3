/** The control step on records in memory, with a bus and a topic that note what they are given. */
import { createControl } from '../../../../functions/deploy/control/control.ts';
import type { OwnEvent } from '../../../../functions/shared/aws/event-bus.ts';
import type { Message } from '../../../../functions/shared/aws/publish-message.ts';
import { createClock, recordingLog, recordingMetrics } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';

export type ControlOnFakes = ReturnType<typeof controlOnFakes>;

export function controlOnFakes() {
  const [records, clock, log, metrics] = [memoryRecords(), createClock(), recordingLog(), recordingMetrics()];
  const published: OwnEvent[] = [];
  const sent: Message[] = [];
  /** What the event bus answers with. */
  const bus: { refusal?: Error } = {};
  const control = createControl({
    records,
    metrics,
    events: {
      async put(event) {
        if (bus.refusal) throw bus.refusal;
        published.push(event);
      },
    },
    publish: async (message) => void sent.push(message),
    log,
    now: clock.now,
    fleet: 'web',
    settings: {},
  });
  return { records, clock, log, metrics, control, published, sent, bus };
}
