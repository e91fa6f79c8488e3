/** Which sentences of a server people see. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { knownGaps } from '../../../../functions/incidents/collect/server-words.ts';

const DOCUMENTS = new URL('../../../../server/documents/', import.meta.url);
/** A gap as the documents' Python writes it. */
const WRITTEN = /(?:gaps\.append|cut\.append|give_up|cut = )[([]"([^"]{10,})"/g;

it('has every sentence of the documents: none becomes something else', () => {
  const python = readdirSync(DOCUMENTS).filter((file) => file.endsWith('.py'));
  const written = python.flatMap((file) =>
    [...readFileSync(new URL(file, DOCUMENTS), 'utf8').matchAll(WRITTEN)].map(([, text = '']) => text),
  );
  const sentences = written.filter((text) => !text.startsWith('%s')).map((text) => text.replaceAll('%d', '17'));
  expect(sentences.length).toBeGreaterThan(14);
  expect(knownGaps(sentences)).toEqual(sentences);
  const ofFiles = written.filter((text) => /^%s: [a-z]/.test(text)).map((text) => text.replace('%s', 'jane.log').replaceAll('%d', '17'));
  expect(ofFiles.length).toBeGreaterThan(2);
  expect(knownGaps(ofFiles).join()).not.toMatch(/jane|something else|could not be read/);
});
