import { required } from '../../shared/environment.ts';
import { createLog } from '../../shared/logger.ts';
import { createMetrics } from '../../shared/metrics.ts';
import { PATIENCE } from '../../shared/patient.ts';
import { recordsFrom, targetGroupFrom } from '../../shared/ports-from-environment.ts';
import { stepHandler } from '../../shared/step-handler.ts';
import { createCommand } from '../command.ts';
import { commandsFrom } from '../commands-from-environment.ts';
import { type CommandRequest, ENV, type RollReply } from '../contract.ts';

const log = createLog('deploy-command');

export const handler = stepHandler<CommandRequest, RollReply>(log, (environment) =>
  createCommand({
    records: recordsFrom(environment),
    commands: commandsFrom(environment, log),
    targetGroup: targetGroupFrom(environment),
    metrics: createMetrics(required(environment, ENV.fleet)),
    now: Date.now,
    patience: PATIENCE,
  }),
);
