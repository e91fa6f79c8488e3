/** Which fault hits a request that came to the gateway, with what had to be read of it to know. */
import type { IncomingMessage } from 'node:http';
import { readRawBody, unpackBody } from '../service/read-body.ts';
import type { FaultRegistry } from './fault-registry.ts';
import type { CallEffect } from './fault-rule.ts';
import { readCall } from './read-call.ts';

export interface FoundFault {
  readonly effect?: CallEffect | undefined;
  /** The request's body as it was sent; absent when it is still to be read. */
  readonly body?: Buffer;
}

/**
 * A request of a service that no rule is about is not touched. An object on its way to S3 is read only when a rule hits it.
 *
 * @param caller the caller's ARN, empty when it is unknown
 * @throws AwsError RequestTooLarge, SerializationException
 */
export async function findFault(faults: FaultRegistry, request: IncomingMessage, service: string, caller: string): Promise<FoundFault> {
  if (!faults.concerns(service)) return {};
  const { method = 'POST', url = '/', headers } = request;
  const streamed = service === 's3';
  const before = streamed ? undefined : await readRawBody(request);
  const call = readCall({ service, method, url, headers, body: before ? await unpackBody(request, before) : Buffer.alloc(0) });
  const effect = faults.ofCall({ service, caller, ...call });
  const body = before ?? (effect ? await readRawBody(request) : undefined);
  return { effect, ...(body && { body }) };
}
