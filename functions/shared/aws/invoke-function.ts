import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { HoldfastError } from '../errors.ts';
import { isRecord, parseJson } from '../json.ts';

/** A function threw; its own log says why. */
export class FunctionFailed extends HoldfastError {
  override readonly name = 'FunctionFailed';
}

/**
 * Calls a function and waits for its answer.
 * @param name with the alias
 * @throws FunctionFailed where the function threw or was ended, and the SDK's errors
 */
export async function invokeFunction<Answer>(client: LambdaClient, name: string, request: object): Promise<Answer> {
  const { Payload, FunctionError } = await client.send(new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(request) }));
  const answer = parseJson(Buffer.from(Payload ?? []).toString());
  if (FunctionError === undefined && isRecord(answer)) return answer as Answer;
  const { errorType = 'no answer' } = isRecord(answer) ? answer : {};
  throw new FunctionFailed(`${name} failed: ${String(errorType)}`);
}
