import { recordsFrom } from '../../records/dynamo-records.ts';
import type { Suspension } from '../../records/suspension.ts';
import type { Environment } from '../../shared/environment.ts';
import { createLog } from '../../shared/logger.ts';
import { stepHandler } from '../../shared/step-handler.ts';
import type { Resumed, ScalingRequest } from '../contract/common.ts';
import { autoScalingGroupFrom } from '../ports-from-environment.ts';
import { createScaling } from './scaling.ts';

const log = createLog('deploy-scaling');

/** The function's core with the adapters that its environment names. */
export const wire = (environment: Environment) =>
  createScaling({ records: recordsFrom(environment), group: autoScalingGroupFrom(environment), log, now: Date.now });

export const handler = stepHandler<ScalingRequest, Suspension | Resumed>(log, wire);
