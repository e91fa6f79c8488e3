import { isRecord, parseJson } from '../../json.ts';
import type { HttpAnswer } from '../../send-http.ts';
import { AwsServiceError, type CallSigned } from './signed-calls.ts';

/** A service of the AWS JSON protocols. @throws AwsServiceError named by the service's error code */
export type JsonService = <Output>(operation: string, input: object) => Promise<Output>;

/**
 * @param target what comes before the operation's name in X-Amz-Target
 * @see https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html
 */
export function jsonService(call: CallSigned, target: string, version: '1.0' | '1.1'): JsonService {
  return async <Output>(operation: string, input: object) => {
    const headers = { 'content-type': `application/x-amz-json-${version}`, 'x-amz-target': `${target}.${operation}` };
    const text = await call({ method: 'POST', path: '/', headers, body: JSON.stringify(input) }, readJsonError);
    return (text === '' ? {} : JSON.parse(text)) as Output;
  };
}

/** The code can have a namespace before it and an address after it: `com.amazonaws.dynamodb.v20120810#Name:http://…`. */
function readJsonError({ status, body }: HttpAnswer): AwsServiceError {
  const value = parseJson(body);
  // A proxy's page, for example, is none.
  const { __type, code = __type, message, Message = message }: Readonly<Record<string, unknown>> = isRecord(value) ? value : {};
  const name = typeof code === 'string' ? code.replace(/^.*#/, '').replace(/:.*$/, '') : '';
  return new AwsServiceError(name || `Http${status}`, typeof Message === 'string' ? Message : `the service answered ${status}`, status);
}
