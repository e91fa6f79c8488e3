/**
 * The AWS Query protocol: form-encoded requests, XML replies.
 * @see https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
 */
import type { AwsError, LocalService, Protocol } from '../service.ts';
import type { Call, EncodedReply, Wire } from './wire.ts';

type QueryProtocol = Extract<Protocol, { kind: 'query' }>;

interface Tree {
  [name: string]: string | Tree;
}

export function queryWire({ protocol }: LocalService): Wire {
  const query: QueryProtocol =
    protocol.kind === 'query' ? protocol : { ...protocol, kind: 'query', xmlNamespace: protocol.xmlNamespace ?? 'https://holdfast.local/' };
  const encode = (status: number, requestId: string, body: string): EncodedReply => ({
    status,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
    body,
  });
  return {
    unknownOperation: 'InvalidAction',
    read: (_request, body) => parseQuery(body.toString('utf8')),
    reply: (operation, output, requestId) => encode(200, requestId, renderQueryReply(query, operation, output, requestId)),
    error: (error, requestId) => encode(error.status, requestId, renderQueryError(query.xmlNamespace, error, requestId)),
  };
}

/** Parses a form body into the operation's name and its nested input; scalars stay strings, `X.member.N` becomes an array. */
export function parseQuery(body: string): Call {
  const tree: Tree = Object.create(null);
  let operation = '';
  for (const [name, value] of new URLSearchParams(body)) {
    if (name === 'Action') operation = value;
    else if (name !== 'Version') insert(tree, name.split('.'), value);
  }
  const input = Object.entries(tree).map(([name, member]) => [name, collapse(member)]);
  return { operation, input: Object.fromEntries(input) as Record<string, unknown> };
}

function insert(tree: Tree, path: string[], value: string): void {
  let node = tree;
  for (const part of path.slice(0, -1)) {
    let next = node[part];
    if (typeof next !== 'object') {
      next = Object.create(null) as Tree;
      node[part] = next;
    }
    node = next;
  }
  node[path.at(-1) as string] = value;
}

function collapse(node: string | Tree): unknown {
  if (typeof node === 'string') return node;
  const names = Object.keys(node);
  if (isList(node)) return names.sort((a, b) => Number(a) - Number(b)).map((name) => collapse(node[name] as string | Tree));
  const only = names.length === 1 ? node[names[0] as string] : undefined;
  // `X.member.1` and `X.ItemName.1`: the middle name is ignored, the list is X.
  if (typeof only === 'object' && isList(only)) return collapse(only);
  return Object.fromEntries(names.map((name) => [name, collapse(node[name] as string | Tree)]));
}

function isList(node: Tree): boolean {
  const names = Object.keys(node);
  return names.length > 0 && names.every((name) => /^\d+$/.test(name));
}

/** Renders an operation's reply as the Query protocol's XML. */
export function renderQueryReply(protocol: QueryProtocol, operation: string, output: object | undefined, requestId: string): string {
  const members = output === undefined ? undefined : renderMembers(output, protocol);
  const result = members === undefined ? '' : `<${operation}Result>${members}</${operation}Result>`;
  const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
  return `<${operation}Response xmlns="${protocol.xmlNamespace}">${result}${metadata}</${operation}Response>`;
}

/** Renders an error as the Query protocol's XML. */
export function renderQueryError(xmlNamespace: string, error: AwsError, requestId: string): string {
  const type = error.status >= 500 ? 'Receiver' : 'Sender';
  const detail = `<Type>${type}</Type><Code>${escapeXml(error.code)}</Code><Message>${escapeXml(error.message)}</Message>`;
  return `<ErrorResponse xmlns="${xmlNamespace}"><Error>${detail}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
}

type Names = Pick<QueryProtocol, 'listItemNames' | 'mapNames'>;

function renderMembers(value: object, names: Names): string {
  return given(value)
    .map(([name, member]) => `<${name}>${renderValue(name, member, names)}</${name}>`)
    .join('');
}

function renderValue(name: string, value: unknown, names: Names): string {
  if (Array.isArray(value)) {
    const given = names.listItemNames?.[name] ?? 'member';
    const nameOf = (member: unknown): string =>
      typeof given === 'string' ? given : typeof member === 'object' ? given.structure : given.text;
    return value.map((member) => `<${nameOf(member)}>${renderValue(nameOf(member), member, names)}</${nameOf(member)}>`).join('');
  }
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'object' || value === null) return escapeXml(String(value));
  return names.mapNames?.includes(name) ? renderEntries(value, names) : renderMembers(value, names);
}

/** @see https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#map-serialization */
function renderEntries(map: object, names: Names): string {
  return given(map)
    .map(([key, value]) => `<entry><key>${escapeXml(key)}</key><value>${renderValue('value', value, names)}</value></entry>`)
    .join('');
}

const given = (value: object): [string, unknown][] => Object.entries(value).filter(([, member]) => member !== undefined && member !== null);

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\r': '&#xD;' };

/** A carriage return would be read as a line feed; other control characters have no place in XML at all. */
function escapeXml(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to find
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
      .replace(/[&<>"\r]/g, (character) => ENTITIES[character] as string)
  );
}
