/** The operation and input of a signed request, read without its service: enough to match it against a rule. Pure. */
import type { IncomingHttpHeaders } from 'node:http';
import { parseQuery } from '../service/protocol/query.ts';
import { textsOf } from './fault-registry.ts';

export interface RequestParts {
  /** Name of the service in the request's signature. */
  readonly service: string;
  readonly method: string;
  /** Path and query string. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Unpacked. Empty for S3, whose bodies are the objects themselves. */
  readonly body: Buffer;
}

export interface NamedCall {
  readonly action: string;
  /** The path and every text of the input. */
  readonly texts: readonly string[];
  /** Undefined for a body that is not read, or not valid. */
  readonly input?: unknown;
}

/** Reads the operation from X-Amz-Target (JSON), the path (CBOR, REST) or the form (Query). Any other request has none. */
export function readCall({ service, method, url, headers, body }: RequestParts): NamedCall {
  const path = url.replace(/\?.*$/s, '');
  const target = headers['x-amz-target'];
  const json = jsonOf(body);
  if (typeof target === 'string')
    return { action: target.slice(target.lastIndexOf('.') + 1), texts: [path, ...textsOf(json)], input: json };
  const operation = /\/operation\/(\w+)$/.exec(path)?.[1];
  // A CBOR body is not read: rules without a resource fit, others do not.
  if (operation !== undefined) return { action: operation, texts: [path] };
  if (headers['content-type']?.startsWith('application/x-www-form-urlencoded')) {
    const call = parseQuery(body.toString('utf8'));
    return { action: call.operation, texts: [path, ...textsOf(call.input)], input: call.input };
  }
  const texts = [decode(path), ...textsOf(json)];
  return { action: service === 's3' ? s3Action(method, url) : restAction(service, method, path), texts, input: json };
}

const S3_OBJECT_ACTIONS: Readonly<Record<string, string>> = {
  GET: 'GetObject',
  PUT: 'PutObject',
  HEAD: 'HeadObject',
  DELETE: 'DeleteObject',
};

/** Objects by path-style addresses; whatever has a subresource or no key is only its method. */
function s3Action(method: string, url: string): string {
  const [path = '', query = ''] = url.split('?');
  const isObject = /^\/[^/]+\/./.test(path) && (query === '' || /^(x-id=\w+|versionId=[^&]+)(&|$)/.test(query));
  return (isObject && S3_OBJECT_ACTIONS[method]) || method;
}

function restAction(service: string, method: string, path: string): string {
  if (service === 'lambda' && method === 'POST' && /\/functions\/[^/]+\/invocations$/.test(path)) return 'Invoke';
  return `${method} ${path}`;
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
