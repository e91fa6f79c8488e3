/**
 * RPC v2 CBOR: the operation is named by the path `/service/X/operation/Y`, times are tagged seconds since the epoch.
 * @see https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
 */
import type { IncomingMessage } from 'node:http';
import { cbor, dateToTag, tagSymbol } from '@smithy/core/cbor';
import type { LocalService } from '../service.ts';
import { queryErrorHeader, type Wire } from './wire.ts';

const OPERATION_PATH = /^\/service\/[^/]+\/operation\/([A-Za-z0-9_]+)$/;
/** @see https://www.rfc-editor.org/rfc/rfc8949.html#name-epoch-based-date-time */
const EPOCH_TAG = 1;

/** True when the request uses this protocol. */
export const speaksCbor = (request: IncomingMessage): boolean => request.headers['smithy-protocol'] === 'rpc-v2-cbor';

export function cborWire(service: LocalService, request: IncomingMessage): Wire {
  const encode = (status: number, requestId: string, value: unknown, headers: Record<string, string> = {}) => ({
    status,
    headers: { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor', 'x-amzn-requestid': requestId, ...headers },
    body: cbor.serialize(value),
  });
  return {
    unknownOperation: 'UnknownOperationException',
    read: ({ url }, body) => {
      const operation = OPERATION_PATH.exec(url ?? '')?.[1];
      if (operation === undefined) throw new Error(`the path ${url} is not /service/NAME/operation/NAME`);
      const input: unknown = body.length === 0 ? {} : fromCbor(cbor.deserialize(body));
      if (typeof input !== 'object' || input === null || Array.isArray(input)) throw new Error('the body is not a CBOR map');
      return { operation, input: input as Record<string, unknown> };
    },
    reply: (_operation, output, requestId) => encode(200, requestId, toCbor(output ?? {})),
    error: (error, requestId) =>
      encode(error.status, requestId, { __type: error.code, message: error.message }, queryErrorHeader(service, request, error)),
  };
}

/** Tagged times become dates and 64-bit integers numbers, as an operation expects them. */
function fromCbor(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(fromCbor);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (isTagged(value)) return Number(value.tag) === EPOCH_TAG ? new Date(Number(value.value) * 1000) : fromCbor(value.value);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, fromCbor(member)]));
}

function isTagged(value: object): value is { readonly tag: number | bigint; readonly value: unknown } {
  return tagSymbol in value && 'tag' in value && 'value' in value;
}

/** The codec refuses `undefined`; a member without a value is left out, as JSON does by itself. */
function toCbor(value: unknown): unknown {
  if (value instanceof Date) return dateToTag(value);
  if (value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(toCbor);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [name, toCbor(member)]));
}
