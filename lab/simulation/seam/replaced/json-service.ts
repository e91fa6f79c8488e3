/**
 * Takes the place of functions/shared/aws/signed/json-service.ts during runs: input and output go through the same calls as
 * objects, since their JSON, written and read twice, would be a sixth of a run. Nobody changes them.
 */
import type { JsonService } from '../../../../functions/shared/aws/signed/json-service.ts';
import { AwsServiceError, type CallSigned } from '../../../../functions/shared/aws/signed/signed-calls.ts';
import type { HttpAnswer } from '../../../../functions/shared/send-http.ts';
import type { ObjectAnswer } from '../signed-requests.ts';

export function jsonService(call: CallSigned, target: string): JsonService {
  return async <Output>(operation: string, input: object) => {
    const headers = { 'x-amz-target': `${target}.${operation}` };
    return (await call({ method: 'POST', path: '/', headers, body: input as never }, readError)) as Output;
  };
}

function readError(answer: HttpAnswer): AwsServiceError {
  const { code, message } = (answer as unknown as ObjectAnswer).body as { readonly code: string; readonly message: string };
  return new AwsServiceError(code, message, answer.status);
}
