/** Requests of the functions that use no SDK client: what they ask for, and the answers in their protocols. */
import { AwsError } from '#local-aws/service/service.ts';
import type { HttpCall } from '../../../functions/shared/send-http.ts';
import type { Call, Invocation, ServiceName } from './call.ts';
import { currentInvocation } from './current-invocation.ts';
import { currentSeam } from './current-seam.ts';

/** What replaced/json-service.ts takes for an answer: the output, or an object with `code` and `message`. */
export interface ObjectAnswer {
  readonly status: number;
  readonly body: object;
}

interface Asked {
  readonly service: ServiceName;
  readonly operation: string;
  readonly input: object;
  readonly answer: (output: object) => object | string;
  readonly answerError: (error: AwsError) => object | string;
}

/** Services of the JSON protocols, by what comes before the operation in X-Amz-Target. */
const JSON_TARGETS: Readonly<Record<string, ServiceName>> = {
  DynamoDB_20120810: 'dynamodb',
  GraniteServiceVersion20100801: 'cloudwatch',
  secretsmanager: 'secretsmanager',
};

/** Failed attempts of an invocation whose caller may repeat them, by the request's text. */
const failed = new WeakMap<Invocation, Map<string, { readonly call: Call; readonly attempt: number }>>();

/** One attempt: its caller repeats it. @throws TimeoutError */
export async function sendSigned(
  request: HttpCall,
  limitMs: number,
): Promise<ObjectAnswer | { readonly status: number; readonly body: string }> {
  const seam = currentSeam();
  const asked = readRequest(request);
  if (asked instanceof Error) {
    seam.kernel.fail(asked);
    throw asked;
  }
  const invocation = currentInvocation.getStore();
  const key = () => `${asked.operation} ${JSON.stringify(request.body)}`;
  const before = invocation && failed.get(invocation)?.get(key());
  const begun = before ? { call: before.call, attempt: before.attempt + 1 } : seam.begin(asked.service, asked.operation, asked.input);
  if (begun === undefined || invocation === undefined) return new Promise(() => {});
  try {
    const output = await seam.attempt({ ...begun, limitMs });
    if (before) failed.get(invocation)?.delete(key());
    return { status: 200, body: asked.answer(output) as string };
  } catch (error) {
    const ofInvocation = failed.get(invocation) ?? new Map();
    failed.set(invocation, ofInvocation.set(key(), begun));
    if (!(error instanceof AwsError)) throw error;
    return { status: error.status, body: asked.answerError(error) as string };
  }
}

/** CloudWatch's timestamps in JSON. */
const inSeconds = (output: object): object =>
  JSON.parse(JSON.stringify(output), (key, value) =>
    key === 'Timestamps' ? (value as string[]).map((text) => Date.parse(text) / 1_000) : value,
  );

function readRequest({ headers, body, url }: HttpCall): Asked | Error {
  const [target = '', operation = ''] = (headers['x-amz-target'] ?? '').split('.');
  const service = JSON_TARGETS[target];
  if (service !== undefined) {
    return {
      service,
      operation,
      // replaced/json-service.ts gives the object itself.
      input: body as unknown as object,
      answer: service === 'cloudwatch' ? inSeconds : (output) => output,
      answerError: ({ code, message }) => ({ code, message }),
    };
  }
  const { Action, Version, ...input } = Object.fromEntries(new URLSearchParams(body as string));
  if (Version === '2010-03-31' && Action !== undefined) {
    return {
      service: 'sns',
      operation: Action,
      input,
      answer: () => `<${Action}Response/>`,
      answerError: ({ code, message }) => `<ErrorResponse><Error><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
    };
  }
  return new Error(
    `the simulation does not understand a signed request to ${url.hostname}: ${headers['x-amz-target'] ?? Action ?? 'no operation'}`,
  );
}
