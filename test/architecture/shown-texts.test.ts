/** Where text leaves: each way to people has one place that prints it, and that place lets nothing in it steer what shows it. */
import { describe, expect, it } from 'vitest';
import { readSources } from './read-sources.ts';

/** Files by what only they may have. */
const PLACES: readonly (readonly [what: string, sources: string, pattern: RegExp, places: readonly string[]])[] = [
  ['writes to a terminal', 'cli/**/*.ts', /process\.std(?:out|err)|\bconsole\.\w/, ['cli/confirm.ts', 'cli/output.ts']],
  ['publishes to a topic', 'functions/**/*.ts', /\bTopicArn: /, ['functions/shared/aws/publish-message.ts']],
  ['puts an event', 'functions/**/*.ts', /\bDetail: /, ['functions/shared/aws/event-bus.ts']],
  ['escapes a widget’s HTML', 'functions/widgets/**/*.ts', /\bescapeMarkup\(/, ['functions/widgets/html.ts']],
  [
    'makes a text of the console’s page',
    'console/browser/**/*.ts',
    /createTextNode|\.textContent = |\.innerText\b/,
    ['console/browser/dom.ts'],
  ],
];
/** They print nothing of an application. */
const PRINTS_NO_WORDS = ['server/documents/placeholder.py'];

describe('only one place', () => {
  it.each(PLACES)('%s', (_what, sources, pattern, places) => {
    const files = readSources(sources);
    expect(files.length).toBeGreaterThan(6);
    const found = files.filter(({ text }) => pattern.test(text));
    expect(found.map(({ file }) => file).toSorted()).toEqual(places);
    for (const { file, text } of found) expect(text, file).toMatch(/\bprintable\w*\(/);
  });

  it('escapes markup, of HTML and of XML', () => {
    const found = readSources('{cli,console,functions,infra,advisor,server}/**/*.ts').filter(({ text }) =>
      /&(?:lt|gt|#60|#62);/.test(text),
    );
    expect(found.map(({ file }) => file)).toEqual(['functions/shared/escape-markup.ts']);
  });

  it('prints the answer of a document', () => {
    const files = readSources('server/documents/*.py').filter(({ file }) => !PRINTS_NO_WORDS.includes(file));
    expect(files.filter(({ text }) => /\bprint\((?![^\n]*file=sys\.stderr)/.test(text)).map(({ file }) => file)).toEqual([
      'server/documents/words.py',
    ]);
  });

  it('takes a text of a document’s answer, which is one line without secrets, or a version', () => {
    const [{ text } = { text: '' }] = readSources('functions/instance/document-contract.ts');
    expect(text).toMatch(/: words,/);
    expect(text).not.toMatch(/z\.string\(\)|z\.text\(/);
  });
});
