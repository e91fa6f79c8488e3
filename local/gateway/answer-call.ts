/** Turns one signed request into a call of a local service, and its result into the caller's protocol. */
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { parseQuery, renderQueryError, renderQueryReply } from './protocol/query.ts';
import type { CallContext, LocalService } from './service.ts';
import { AwsError } from './service.ts';

export interface EncodedReply {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** Answers `request` by `service`; an error becomes the protocol's error reply and is never thrown. */
export async function answerCall(service: LocalService, request: IncomingMessage, body: Buffer, context: CallContext): Promise<EncodedReply> {
  const target = request.headers['x-amz-target'];
  const json = typeof target === 'string';
  const call = json ? parseJson(target, body) : parseQuery(body.toString('utf8'));
  try {
    const operation = service.operations[call.operation];
    if (!operation) throw new AwsError('InvalidAction', `The action ${call.operation} is not emulated by Holdfast's local cloud.`);
    const output = await operation(call.input, context);
    return json ? jsonReply(200, toJsonTimes(output ?? {})) : xmlReply(200, renderQueryReply(queryProtocol(service), call.operation, output));
  } catch (thrown) {
    const error = toAwsError(thrown);
    if (json) return jsonReply(error.status, { __type: error.code, message: error.message });
    return xmlReply(error.status, renderQueryError(queryProtocol(service).xmlNamespace, error));
  }
}

function parseJson(target: string, body: Buffer): { operation: string; input: Record<string, unknown> } {
  return { operation: target.slice(target.lastIndexOf('.') + 1), input: body.length === 0 ? {} : (JSON.parse(body.toString('utf8')) as Record<string, unknown>) };
}

function queryProtocol(service: LocalService) {
  const { protocol } = service;
  return protocol.kind === 'query' ? protocol : { kind: 'query' as const, xmlNamespace: protocol.xmlNamespace ?? 'https://holdfast.local/' };
}

/** JSON protocols carry times as seconds since the epoch. */
function toJsonTimes(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000;
  if (Array.isArray(value)) return value.map(toJsonTimes);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, toJsonTimes(member)]));
  }
  return value;
}

function toAwsError(thrown: unknown): AwsError {
  if (thrown instanceof AwsError) return thrown;
  if (thrown instanceof z.ZodError) {
    const issue = thrown.issues[0];
    return new AwsError('ValidationError', `${issue?.path.join('.') || 'request'}: ${issue?.message ?? 'invalid'}`);
  }
  return new AwsError('InternalFailure', thrown instanceof Error ? thrown.message : String(thrown), 500);
}

const jsonReply = (status: number, body: unknown): EncodedReply => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.1' },
  body: JSON.stringify(body),
});
const xmlReply = (status: number, body: string): EncodedReply => ({ status, headers: { 'content-type': 'text/xml' }, body });
