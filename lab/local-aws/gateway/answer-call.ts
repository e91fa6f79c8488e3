/** Turns one signed request into a call of a local service, and its result into the caller's protocol. */

import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import type { AccessControl } from '../iam/access-control.ts';
import { messageOf } from '../service/message-of.ts';
import { cborWire, speaksCbor } from '../service/protocol/cbor.ts';
import { jsonWire } from '../service/protocol/json.ts';
import { queryWire } from '../service/protocol/query.ts';
import type { Call, EncodedReply, Wire } from '../service/protocol/wire.ts';
import { readRawBody, unpackBody } from '../service/read-body.ts';
import { refuseCallOverLimit } from '../service/refuse-over-limit.ts';
import { AwsError, type CallContext, type LocalService } from '../service/service.ts';

/**
 * Answers `request` by `service`; an error becomes the protocol's error reply and is never thrown.
 *
 * @param access authenticates and authorizes the caller; without it every call is allowed, for tests of a protocol
 * @param read returns the body as it was sent, when it has been read already
 */
export async function answerCall(
  service: LocalService,
  request: IncomingMessage,
  context: CallContext,
  access: AccessControl | undefined,
  read: () => Promise<Buffer> = () => readRawBody(request),
): Promise<EncodedReply> {
  const wire = wireOf(service, request);
  const requestId = randomUUID();
  try {
    const raw = await read();
    const { method = 'POST', url = '/', headers } = request;
    const principal = access?.authenticate({ method, url, headers, body: raw });
    const call = parse(wire, request, await unpackBody(request, raw));
    const { operations } = service;
    const operation = Object.hasOwn(operations, call.operation) ? operations[call.operation] : undefined;
    if (!operation) {
      const name = call.operation === '' ? 'that has no name' : call.operation;
      throw new AwsError(wire.unknownOperation, `The action ${name} is not emulated by Holdfast's local cloud.`);
    }
    // Root is who watches the local cloud from outside: its console, its tests, its user.
    if (principal?.policySourceArn !== undefined) service.throttle?.(call.operation);
    if (principal) await access?.authorize(principal, service, call.operation, call.input);
    for (const name of service.signingNames) refuseCallOverLimit(name, call.operation, call.input);
    const caller = principal ? { ...context, principalArn: principal.arn } : context;
    return wire.reply(call.operation, await operation(call.input, caller), requestId);
  } catch (thrown) {
    return wire.error(toAwsError(thrown), requestId);
  }
}

/** CloudWatch clients use three protocols: the request decides, not the service. */
function wireOf(service: LocalService, request: IncomingMessage): Wire {
  if (speaksCbor(request)) return cborWire(service, request);
  return request.headers['x-amz-target'] === undefined ? queryWire(service) : jsonWire(service, request);
}

function parse(wire: Wire, request: IncomingMessage, body: Buffer): Call {
  try {
    return wire.read(request, body);
  } catch (error) {
    throw new AwsError('SerializationException', `The request cannot be read: ${(error as Error).message}`);
  }
}

/** Anything thrown as an AWS error; an unexpected one is a 500, which SDKs retry. */
export function toAwsError(thrown: unknown): AwsError {
  if (thrown instanceof AwsError) return thrown;
  if (thrown instanceof z.ZodError) {
    const issue = thrown.issues[0];
    return new AwsError('ValidationError', `${issue?.path.join('.') || 'request'}: ${issue?.message ?? 'invalid'}`);
  }
  return new AwsError('InternalFailure', messageOf(thrown), 500);
}
