import { type Environment, required } from '../../environment.ts';
import { HoldfastError } from '../../errors.ts';
import { isRecord, parseJson } from '../../json.ts';
import { roleCredentials } from '../environment-credentials.ts';
import { serviceUrl } from './service-url.ts';
import { AwsServiceError, type CallSigned, type Limits, signedCalls } from './signed-calls.ts';

/** A function threw; its own log says why. */
export class FunctionFailed extends HoldfastError {
  override readonly name = 'FunctionFailed';
}

/** Calls of Lambda by the function's own role. @throws MissingEnvironment */
export function lambdaCalls(environment: Environment, limits: Limits): CallSigned {
  const region = required(environment, 'AWS_REGION');
  const url = serviceUrl('lambda', region, environment);
  return signedCalls({ service: 'lambda', region, url, credentials: roleCredentials(environment) }, limits);
}

/**
 * Calls a function and waits for its answer.
 * @param name with the alias
 * @throws FunctionFailed where the function threw or was ended, AwsServiceError where Lambda refused the call
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export async function invokeFunction<Answer>(call: CallSigned, name: string, request: object): Promise<Answer> {
  const path = `/2015-03-31/functions/${encodeURIComponent(name)}/invocations`;
  const headers = { 'content-type': 'application/json' };
  const text = await call({ method: 'POST', path, headers, body: JSON.stringify(request) }, ({ status, headers: answered, body }) => {
    const value = parseJson(body);
    const { Message, message = Message } = isRecord(value) ? value : {};
    const code = String(answered['x-amzn-errortype'] ?? '').replace(/:.*$/, '');
    return new AwsServiceError(code || `Http${status}`, typeof message === 'string' ? message : `Lambda answered ${status}`, status);
  });
  const answer = parseJson(text);
  // What a function throws comes with status 200, as does its time-out.
  if (!isRecord(answer) || 'errorMessage' in answer) {
    const { errorType = 'no answer' } = isRecord(answer) ? answer : {};
    throw new FunctionFailed(`${name} failed: ${String(errorType)}`);
  }
  return answer as Answer;
}
