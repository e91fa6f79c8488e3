import { recordsFrom } from '../../records/dynamo-records.ts';
import { RECORDS_ENV } from '../../records/keys.ts';
import { type Environment, required } from '../../shared/environment.ts';
import { createLog } from '../../shared/logger.ts';
import { createMetrics } from '../../shared/metrics.ts';
import { POLLING } from '../../shared/poll.ts';
import { stepHandler } from '../../shared/step-handler.ts';
import { METRICS } from '../contract/common.ts';
import type { SessionsRequest } from '../contract/roll.ts';
import { drainFrontFrom, drainGroupsFrom, targetGroupFrom } from '../ports-from-environment.ts';
import { type AnySessionsReply, createSessions } from './sessions.ts';

const log = createLog('deploy-sessions');

/** The function's core with the adapters that its environment names. */
export const wire = (environment: Environment) =>
  createSessions({
    records: recordsFrom(environment),
    targetGroup: targetGroupFrom(environment),
    ...drainFrontFrom(environment),
    groups: drainGroupsFrom(environment),
    metrics: createMetrics(METRICS.fleetDimension, required(environment, RECORDS_ENV.fleet)),
    log,
    now: Date.now,
    polling: POLLING,
  });

export const handler = stepHandler<SessionsRequest, AnySessionsReply>(log, wire);
