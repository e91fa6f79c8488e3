import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SSMClient } from '@aws-sdk/client-ssm';
import { recordsFrom, recordsTableFrom } from '../../records/dynamo-records.ts';
import { RECORDS_ENV } from '../../records/keys.ts';
import { CLIENT_OPTIONS } from '../../shared/aws/client-options.ts';
import { required } from '../../shared/environment.ts';
import { LOG_EVENTS } from '../../shared/log-events.ts';
import { createLog } from '../../shared/logger.ts';
import { createPublishLine } from '../../shared/metrics.ts';
import { type StepRequest, stepHandler } from '../../shared/step-handler.ts';
import { dynamoCanaryRecords } from '../contract/canary-records.ts';
import { CANARY_ENV, CANARY_METRICS, CANARY_PROBLEM_METRICS, CANARY_SECONDS } from '../contract/environment.ts';
import { readRecipe } from '../contract/read-recipe.ts';
import { createPace } from '../http/pace.ts';
import { createSend } from '../http/send.ts';
import { Site } from '../site/site.ts';
import { scheduledTurn, type TurnReply } from './scheduled-turn.ts';
import { keptParameter, sessionsKey } from './seal-sessions.ts';
import { secretPasswords } from './secret-passwords.ts';

/** What is sent last can take a minute, and the rest is for the records. */
const LONGEST_MS = (CANARY_SECONDS - 90) * 1_000;
/** Most turns need no password, and each read is charged. */
const PASSWORDS_MS = 3_600_000;
const CLOCK = { now: Date.now, sleep: (ms: number) => sleep(ms) };
const log = createLog('canary');

export const handler = stepHandler<StepRequest, TurnReply>(log, (environment) => {
  const fleet = required(environment, RECORDS_ENV.fleet);
  const url = required(environment, CANARY_ENV.url);
  const recipe = readRecipe(required(environment, CANARY_ENV.recipe), 'the recipe of the configuration');
  const canary = dynamoCanaryRecords(recordsTableFrom(environment), fleet);
  const deploys = recordsFrom(environment);
  const secrets = new SecretsManagerClient(CLIENT_OPTIONS);
  const passwords = keptFor(PASSWORDS_MS, () => secretPasswords(secrets, recipe));
  const keptName = required(environment, CANARY_ENV.kept);
  const key = keptFor(PASSWORDS_MS, async () => sessionsKey([...(await passwords.get()).values()], keptName));
  const kept = keptParameter(new SSMClient(CLIENT_OPTIONS), keptName, key.get);
  const publish = createPublishLine(CANARY_METRICS.fleetDimension, fleet);
  return async () => {
    const untilMs = Date.now() + LONGEST_MS;
    const reply = await scheduledTurn({
      recipe,
      url,
      everyMs: Number(required(environment, CANARY_ENV.everyMinutes)) * 60_000,
      records: canary,
      lease: canary.lease,
      kept,
      async deploys() {
        const [lock, [latest]] = await Promise.all([deploys.getLock(fleet), deploys.latestDeploys(fleet, 1)]);
        return { isBusy: lock?.deployId !== undefined && (lock.expiresAtMs ?? 0) > Date.now(), deployedAtMs: latest?.finishedAtMs };
      },
      openSite: async () =>
        new Site(new URL(url), recipe, {
          pace: createPace(createSend(), CLOCK, { untilMs, ...recipe.policy }),
          clock: CLOCK,
          passwords: await passwords.get(),
          jarOf: async () => [],
        }),
      now: Date.now,
      leaseMs: (CANARY_SECONDS + 60) * 1_000,
      owner: randomUUID(),
    });
    note(reply);
    // One of them may have been changed.
    if (reply.did === 'failed') for (const one of [passwords, key]) one.forget();
    if (reply.did === 'run' || reply.did === 'turn' || reply.findings !== undefined || reply.vanished > 0)
      publish((metrics) => {
        if (reply.findings !== undefined) metrics.addMetric(CANARY_METRICS.findings, MetricUnit.Count, reply.findings);
        if (reply.did !== 'failed') metrics.addMetric(CANARY_METRICS.ran, MetricUnit.Count, 1);
        if (reply.vanished > 0) metrics.addMetric(CANARY_PROBLEM_METRICS.vanished, MetricUnit.Count, reply.vanished);
      });
    return reply;
  };
});

/** What `read` gives, read again after `ms`. */
function keptFor<T>(ms: number, read: () => Promise<T>) {
  let known: { readonly value: T; readonly untilMs: number } | undefined;
  return {
    async get(): Promise<T> {
      if (known === undefined || known.untilMs <= Date.now()) known = { value: await read(), untilMs: Date.now() + ms };
      return known.value;
    },
    forget(): void {
      known = undefined;
    },
  };
}

function note({ did, findings, vanished, why }: TurnReply): void {
  if (did === 'busy') log.info(LOG_EVENTS.canaryNotStarted);
  else if (did === 'failed') log.warn(LOG_EVENTS.canaryFailed, { findings, vanished, error: why });
  else log.info(LOG_EVENTS.canaryTurned, { did, findings, vanished });
}
