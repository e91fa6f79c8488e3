/** What each wire protocol does for the gateway: reads a request into an operation and its input, writes the reply. */
import type { IncomingMessage } from 'node:http';
import type { AwsError, LocalService } from '../service.ts';

export interface Call {
  readonly operation: string;
  readonly input: Record<string, unknown>;
}

export interface EncodedReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

export interface Wire {
  /** AWS's own code for an operation that the service does not have; each protocol has another one. */
  readonly unknownOperation: string;
  /** @throws Error when the body is not what the protocol says */
  read(request: IncomingMessage, body: Buffer): Call;
  reply(operation: string, output: object | undefined, requestId: string): EncodedReply;
  error(error: AwsError, requestId: string): EncodedReply;
}

/**
 * The Query error of a service that once spoke Query and now speaks JSON or CBOR: the SDKs find their error class by it.
 * @see https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#aws-protocols-awsquerycompatible-trait
 */
export function queryErrorHeader(service: LocalService, request: IncomingMessage, error: AwsError): Record<string, string> {
  const compatible = service.protocol.kind === 'query' || service.protocol.xmlNamespace !== undefined;
  if (!compatible || request.headers['x-amzn-query-mode'] !== 'true') return {};
  return { 'x-amzn-query-error': `${error.code};${error.status >= 500 ? 'Receiver' : 'Sender'}` };
}
