/** Changes lives on the server, one key per call, so that a refusal for one key does not keep the others from being changed. */
import type { Redis } from 'ioredis';
import { isFault, sendEach } from './ask-each.ts';
import type { ReadOnlyEval } from './cached-script.ts';
import { LIFE_REPLY, LIFE_SCRIPT } from './life-script.ts';
import { isElsewhere } from './refusals.ts';
import type { LifeOutcome, LifeRequest } from './sweep-store.ts';

/** @param readOnly command for the dry run, which runs the same script as the real run but cannot write */
export async function applyLives(
  redis: Redis,
  readOnly: ReadOnlyEval | undefined,
  requests: readonly LifeRequest[],
  dry: boolean,
): Promise<readonly LifeOutcome[]> {
  const evaluate = dry ? (readOnly ?? 'EVAL') : 'EVAL';
  const replies = await sendEach(redis, requests, (pipeline, request) => pipeline.callBuffer(evaluate, ...argumentsOf(request, dry)));
  return requests.map((_, index): LifeOutcome => {
    const [error, reply] = replies[index] ?? [new Error('no reply'), undefined];
    if (error) return isElsewhere(error) ? 'kept' : isFault(error) ? { error } : 'not-permitted';
    if (reply === LIFE_REPLY.notPermitted) return 'not-permitted';
    return reply === LIFE_REPLY.changed ? 'changed' : 'kept';
  });
}

function argumentsOf({ key, type, life, unchanged }: LifeRequest, dry: boolean): (string | number | Buffer)[] {
  const { how, leastSeconds, unusedSeconds = '', onlyFields = [] } = life;
  const values = unchanged.flatMap(({ field, value }) => [field, value]);
  return [LIFE_SCRIPT, 1, key, `${dry ? 'dry-' : ''}${how}`, type, leastSeconds, unusedSeconds, onlyFields.join('\n'), ...values];
}
