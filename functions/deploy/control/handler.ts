import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SNSClient } from '@aws-sdk/client-sns';
import { recordsFrom } from '../../records/dynamo-records.ts';
import { RECORDS_ENV } from '../../records/keys.ts';
import { createEventBus, EVENT_CLIENT_OPTIONS } from '../../shared/aws/event-bus.ts';
import { MESSAGE_CLIENT_OPTIONS, publishTo } from '../../shared/aws/publish-message.ts';
import { type Environment, required } from '../../shared/environment.ts';
import { createLog } from '../../shared/logger.ts';
import { createMetrics } from '../../shared/metrics.ts';
import { stepHandler } from '../../shared/step-handler.ts';
import { METRICS } from '../contract/common.ts';
import type { ControlRequest } from '../contract/control-steps.ts';
import { ENV } from '../contract/environment.ts';
import { readSettings } from '../settings/read-settings.ts';
import { type ControlReply, createControl } from './control.ts';

const log = createLog('deploy-control');

/** The function's core with the adapters that its environment names. */
export const wire = (environment: Environment) => {
  const fleet = required(environment, RECORDS_ENV.fleet);
  return createControl({
    records: recordsFrom(environment),
    metrics: createMetrics(METRICS.fleetDimension, fleet),
    events: createEventBus(new EventBridgeClient(EVENT_CLIENT_OPTIONS)),
    publish: publishTo(new SNSClient(MESSAGE_CLIENT_OPTIONS), required(environment, ENV.deploysTopicArn)),
    log,
    now: Date.now,
    fleet,
    settings: readSettings(environment),
  });
};

export const handler = stepHandler<ControlRequest, ControlReply>(log, wire);
