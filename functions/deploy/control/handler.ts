import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { recordsFrom } from '../../records/dynamo-records.ts';
import { RECORDS_ENV } from '../../records/keys.ts';
import { roleCredentials } from '../../shared/aws/environment-credentials.ts';
import { createEventBus, EVENT_CLIENT_OPTIONS } from '../../shared/aws/event-bus.ts';
import { publishTo } from '../../shared/aws/signed/publish-message.ts';
import { serviceUrl } from '../../shared/aws/signed/service-url.ts';
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
  const region = required(environment, 'AWS_REGION');
  const topic = { region, url: serviceUrl('sns', region, environment), credentials: roleCredentials(environment) };
  return createControl({
    records: recordsFrom(environment),
    metrics: createMetrics(METRICS.fleetDimension, fleet),
    events: createEventBus(new EventBridgeClient(EVENT_CLIENT_OPTIONS)),
    publish: publishTo(required(environment, ENV.deploysTopicArn), topic),
    log,
    now: Date.now,
    fleet,
    settings: readSettings(environment),
  });
};

export const handler = stepHandler<ControlRequest, ControlReply>(log, wire);
