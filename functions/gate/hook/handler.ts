import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { dynamoCanaryRecords } from '../../canary/contract/canary-records.ts';
import { readRecipe } from '../../canary/contract/read-recipe.ts';
import { createSend } from '../../canary/http/send.ts';
import { passwordsFrom } from '../../canary/schedule/secret-passwords.ts';
import { recordsTableFrom } from '../../records/dynamo-records.ts';
import { RECORDS_ENV, recordKeys } from '../../records/keys.ts';
import { type Environment, required } from '../../shared/environment.ts';
import { describeError } from '../../shared/errors.ts';
import { LOG_EVENTS } from '../../shared/log-events.ts';
import { createLog } from '../../shared/logger.ts';
import { runGate } from '../compare-releases.ts';
import { GATE_ENV, type GateAddresses, type GateRecord, type GateResult } from '../contract.ts';
import { answerHook, answerOf, type HookAnswer, type HookPorts, notChecked } from './answer-hook.ts';

const CLOCK = { now: Date.now, sleep: (ms: number) => sleep(ms) };
/** All gates of one function share its lease. */
const GATE = 'gate';
const log = createLog('gate');

/** Nothing is thrown but what Lambda throws itself: an error would roll the deployment back. */
export const handler = async (event: unknown): Promise<HookAnswer> => {
  const then = { notChecked: process.env[GATE_ENV.notChecked] === 'stop' ? ('stop' as const) : ('continue' as const) };
  try {
    return await answerHook({ ...portsFrom(process.env), ...then }, event, randomUUID());
  } catch (error) {
    log.warn(LOG_EVENTS.gateEnded, { verdict: 'not checked', error: describeError(error) });
    return answerOf(then, notChecked(error));
  }
};

function portsFrom(environment: Environment): Omit<HookPorts, 'notChecked'> {
  const table = recordsTableFrom(environment);
  // The table is the function's own: no installation has such a record.
  const key = (id: string) => ({ pk: `GATE#${id}`, sk: 'VERDICT' });
  return {
    addresses: JSON.parse(required(environment, GATE_ENV.addresses)) as GateAddresses,
    verdicts: {
      get: (id) => table.get<GateResult>(key(id)),
      async put(id, result) {
        await recordVerdict(environment, result, id).catch((error) =>
          log.warn(LOG_EVENTS.gateEnded, {
            verdict: result.verdict,
            error: `the installation has no record of it: ${describeError(error)}`,
          }),
        );
        if (id) await table.put(key(id), result);
      },
    },
    lease: dynamoCanaryRecords(table, GATE).lease,
    compare: (addresses) => compare(environment, addresses),
    log: ({ verdict, reason, findings }) =>
      log.info(LOG_EVENTS.gateEnded, { verdict, ...(reason && { error: reason }), checks: findings.map(({ check }) => check).join(' ') }),
    now: Date.now,
  };
}

/** In the records of an installation, where the function belongs to one. */
async function recordVerdict(environment: Environment, result: GateResult, deployment: string | undefined): Promise<void> {
  const recordsTable = environment[GATE_ENV.installation];
  if (!recordsTable) return;
  const gate = required(environment, 'AWS_LAMBDA_FUNCTION_NAME');
  const record: GateRecord = { ...result, gate, ...(deployment && { deployment }), endedAtMs: Date.now() };
  await recordsTableFrom({ ...environment, [RECORDS_ENV.recordsTable]: recordsTable }).put(recordKeys.gate(record.endedAtMs, gate), record);
}

async function compare(environment: Environment, addresses: GateAddresses): Promise<GateResult> {
  const recipe = readRecipe(required(environment, GATE_ENV.recipe), 'the recipe');
  const passwords = await passwordsFrom(recipe);
  return runGate({ recipe, addresses, send: createSend(), clock: CLOCK, passwords, jarOf: async () => [] });
}
