/**
 * The AWS Query protocol: form-encoded requests, XML replies.
 * @see https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
 */
import { randomUUID } from 'node:crypto';
import type { AwsError, Protocol } from '../service.ts';

interface Tree {
  [name: string]: string | Tree;
}

/** Parses a form body into the operation's name and its nested input; scalars stay strings, `X.member.N` becomes an array. */
export function parseQuery(body: string): { operation: string; input: Record<string, unknown> } {
  const tree: Tree = Object.create(null);
  let operation = '';
  for (const [name, value] of new URLSearchParams(body)) {
    if (name === 'Action') operation = value;
    else if (name !== 'Version') insert(tree, name.split('.'), value);
  }
  return { operation, input: (collapse(tree) ?? {}) as Record<string, unknown> };
}

function insert(tree: Tree, path: string[], value: string): void {
  let node = tree;
  for (const part of path.slice(0, -1)) {
    const next = node[part];
    if (typeof next === 'object') node = next;
    else node = (node[part] = Object.create(null)) as Tree;
  }
  node[path.at(-1) as string] = value;
}

function collapse(node: string | Tree): unknown {
  if (typeof node === 'string') return node;
  const names = Object.keys(node);
  if (names.length > 0 && names.every((name) => /^\d+$/.test(name))) {
    return names.sort((a, b) => Number(a) - Number(b)).map((name) => collapse(node[name] as string | Tree));
  }
  const only = names.length === 1 ? node[names[0] as string] : undefined;
  // `X.member.1` and `X.ItemName.1`: the middle name says nothing, the list is X.
  if (typeof only === 'object' && Object.keys(only).every((name) => /^\d+$/.test(name))) return collapse(only);
  return Object.fromEntries(names.map((name) => [name, collapse(node[name] as string | Tree)]));
}

/** Renders an operation's reply as the Query protocol's XML. */
export function renderQueryReply(protocol: Extract<Protocol, { kind: 'query' }>, operation: string, output: object | undefined): string {
  const body = output === undefined ? '' : `<${operation}Result>${renderMembers(output, protocol.listItemNames ?? {})}</${operation}Result>`;
  return `<${operation}Response xmlns="${protocol.xmlNamespace}">${body}<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></${operation}Response>`;
}

/** Renders an error as the Query protocol's XML. */
export function renderQueryError(xmlNamespace: string, error: AwsError): string {
  const type = error.status >= 500 ? 'Receiver' : 'Sender';
  return `<ErrorResponse xmlns="${xmlNamespace}"><Error><Type>${type}</Type><Code>${escapeXml(error.code)}</Code><Message>${escapeXml(error.message)}</Message></Error><RequestId>${randomUUID()}</RequestId></ErrorResponse>`;
}

function renderMembers(value: object, itemNames: Readonly<Record<string, string>>): string {
  return Object.entries(value)
    .filter(([, member]) => member !== undefined && member !== null)
    .map(([name, member]) => `<${name}>${renderValue(name, member, itemNames)}</${name}>`)
    .join('');
}

function renderValue(name: string, value: unknown, itemNames: Readonly<Record<string, string>>): string {
  if (Array.isArray(value)) {
    const item = itemNames[name] ?? 'member';
    return value.map((member) => `<${item}>${renderValue(item, member, itemNames)}</${item}>`).join('');
  }
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'object' && value !== null) return renderMembers(value, itemNames);
  return escapeXml(String(value));
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[character] as string);
}
