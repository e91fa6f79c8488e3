import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { recordLease } from '../../canary/contract/canary-records.ts';
import { CANARY_ENV } from '../../canary/contract/environment.ts';
import { readRecipe } from '../../canary/contract/read-recipe.ts';
import { createSend } from '../../canary/http/send.ts';
import { passwordsFrom } from '../../canary/schedule/secret-passwords.ts';
import { GATE_ENV } from '../../gate/contract.ts';
import { recordsFrom, recordsTableFrom } from '../../records/dynamo-records.ts';
import { RECORDS_ENV, recordKeys } from '../../records/keys.ts';
import { type Environment, required } from '../../shared/environment.ts';
import { createLog } from '../../shared/logger.ts';
import { stepHandler } from '../../shared/step-handler.ts';
import type { RollReply, SessionGateRequest } from '../contract/roll.ts';
import { gateFrontFrom, targetGroupFrom } from '../ports-from-environment.ts';
import { createSessionGate } from './run-session-gate.ts';

const log = createLog('deploy-session-gate');

/** The function's core with the adapters that its environment names. */
export const wire = (environment: Environment) =>
  createSessionGate({
    records: recordsFrom(environment),
    targetGroup: targetGroupFrom(environment),
    front: gateFrontFrom(environment),
    gateLease: recordLease(recordsTableFrom(environment), recordKeys.sessionGate(required(environment, RECORDS_ENV.fleet))),
    // Read with each gate: a recipe that cannot be read, or a secret, leaves sessions unchecked.
    async site() {
      const recipe = readRecipe(required(environment, GATE_ENV.recipe), "the canary's recipe");
      return { url: required(environment, CANARY_ENV.url), recipe, passwords: await passwordsFrom(recipe) };
    },
    send: createSend(),
    clock: { now: Date.now, sleep: (ms) => sleep(ms) },
    random: () => randomBytes(16).toString('hex'),
    log,
  });

export const handler = stepHandler<SessionGateRequest, RollReply>(log, wire);
