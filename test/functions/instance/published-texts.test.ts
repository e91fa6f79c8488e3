/** Which texts of an application leave its server: docs/security.md names each. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { installOutput, observeOutput, waitIdleOutput } from '../../../functions/instance/document-contract.ts';

const PAGE = readFileSync(path.resolve(import.meta.dirname, '../../../docs/security.md'), 'utf8');
const ROW = PAGE.split('\n').find((line) => line.startsWith('- **A release, once it is deployed**')) ?? '';

/** Holdfast's own words, with numbers, names of versions, of units and of a fleet's variables in them; what is encrypted. */
const OWN = 'Holdfast’s own';
/** What each text of an answer can have of the application, in the page's words. */
const TEXTS: Readonly<Record<string, readonly string[]>> = {
  lastAnswer: ['the status word of the readiness check', "names of Spring's components", 'the first line of the last answer'],
  journal: ['up to ten lines of the journal'],
  asked: ["the contract's paths"],
  message: [OWN],
  reason: ["the contract's paths"],
  sessionsReason: ["the contract's paths"],
  sessionCookie: ['the name of its session cookie'],
  name: ['the name of its session cookie'],
  domain: ["that cookie's `Domain`"],
  sessionRoute: ['the route in it'],
  attributes: ['names and classes of session attributes in `unwritten`'],
  unserializable: ['names and classes of session attributes in `unwritten`'],
  service: [OWN],
  serving: [OWN],
  version: [OWN],
  previousVersion: [OWN],
  environmentNote: [OWN],
  unread: [OWN],
  variables: [OWN],
  preparing: [OWN],
  preparationFailed: [OWN],
};

interface JsonSchema {
  readonly type?: string;
  readonly enum?: unknown;
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}
/** Names of the properties that can have any text. */
function textsIn(schema: JsonSchema, name = ''): string[] {
  const { type, properties = {}, items, anyOf = [], oneOf = [] } = schema;
  if (type === 'string') return schema.enum === undefined && schema.const === undefined ? [name] : [];
  return [
    ...Object.entries(properties).flatMap(([key, one]) => textsIn(one, key)),
    ...[...anyOf, ...oneOf, ...(items ? [items] : [])].flatMap((one) => textsIn(one, name)),
  ];
}

describe('a text in the answer of a document', () => {
  const found = [
    ...new Set(
      [installOutput, observeOutput, waitIdleOutput].flatMap((one) => textsIn(z.toJSONSchema(one as never, { io: 'input' }) as JsonSchema)),
    ),
  ];

  it('is one of those that are known', () => {
    expect(found.toSorted()).toEqual(Object.keys(TEXTS).toSorted());
  });

  it.each(Object.entries(TEXTS))('(%s) has of the application what docs/security.md says', (_name, words) => {
    for (const one of words) if (one !== OWN) expect(ROW).toContain(one);
  });
});
