/**
 * JSON 1.0 and 1.1: the operation is named by X-Amz-Target, times are seconds since the epoch.
 * @see https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
 */
import type { IncomingMessage } from 'node:http';
import type { AwsError, LocalService } from '../service.ts';
import { queryErrorHeader, type Wire } from './wire.ts';

export function jsonWire(service: LocalService, request: IncomingMessage): Wire {
  const version = service.protocol.kind === 'json' ? service.protocol.version : '1.1';
  const encode = (status: number, requestId: string, value: unknown, headers: Record<string, string> = {}) => ({
    status,
    headers: { 'content-type': `application/x-amz-json-${version}`, 'x-amzn-requestid': requestId, ...headers },
    body: JSON.stringify(value),
  });
  return {
    unknownOperation: 'UnknownOperationException',
    read: ({ headers }, body) => {
      const target = String(headers['x-amz-target']);
      const input: unknown = body.length === 0 ? {} : JSON.parse(body.toString('utf8'));
      if (typeof input !== 'object' || input === null || Array.isArray(input)) throw new Error('the body is not a JSON object');
      return { operation: target.slice(target.lastIndexOf('.') + 1), input: input as Record<string, unknown> };
    },
    reply: (_operation, output, requestId) => encode(200, requestId, epochSeconds(output ?? {})),
    error: (error, requestId) => {
      const [code, status] = refusalOf(error) ?? [error.code, error.status];
      return encode(status, requestId, { __type: code, message: error.message }, queryErrorHeader(service, request, error));
    },
  };
}

/** Refusals that every Query service names alike have other names here, and are 400s. */
const REFUSALS: Readonly<Record<string, string>> = {
  AccessDenied: 'AccessDeniedException',
  InvalidClientTokenId: 'UnrecognizedClientException',
  SignatureDoesNotMatch: 'InvalidSignatureException',
  IncompleteSignature: 'IncompleteSignatureException',
};

function refusalOf(error: AwsError): readonly [code: string, status: number] | undefined {
  const code = error.status === 403 ? REFUSALS[error.code] : undefined;
  return code === undefined ? undefined : [code, 400];
}

function epochSeconds(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000;
  if (Array.isArray(value)) return value.map(epochSeconds);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, epochSeconds(member)]));
  }
  return value;
}
