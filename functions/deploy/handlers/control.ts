import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { required } from '../../shared/environment.ts';
import { createEventBus, EVENT_CLIENT_OPTIONS } from '../../shared/event-bus.ts';
import { createLog } from '../../shared/logger.ts';
import { createMetrics } from '../../shared/metrics.ts';
import { recordsFrom } from '../../shared/ports-from-environment.ts';
import { stepHandler } from '../../shared/step-handler.ts';
import { type ControlRequest, ENV } from '../contract.ts';
import { type ControlReply, createControl } from '../control.ts';
import { readSettings } from '../read-settings.ts';

const log = createLog('deploy-control');

export const handler = stepHandler<ControlRequest, ControlReply>(log, (environment) => {
  const fleet = required(environment, ENV.fleet);
  return createControl({
    records: recordsFrom(environment),
    metrics: createMetrics(fleet),
    events: createEventBus(new EventBridgeClient(EVENT_CLIENT_OPTIONS)),
    log,
    now: Date.now,
    fleet,
    settings: readSettings(environment),
  });
});
