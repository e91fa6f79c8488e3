/** docs/internals/security-tests.md names a test for each guarantee: every one exists. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const REPOSITORY = path.resolve(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(path.join(REPOSITORY, file), 'utf8');
const page = read('docs/internals/security-tests.md');
const section = page.slice(0, page.indexOf('## What verifies what set-up installs?'));

const NAME = '"((?:[^"]|"(?![,;]|$))+)"';

/** One line per guarantee, with each test that it names: the beginnings of names follow their file. */
const guarantees = section
  .split('\n')
  .filter((line) => line.startsWith('- '))
  .map((line) => {
    const files = [...line.matchAll(new RegExp(`((?:test|lab)/\\S+\\.ts)((?:,? ${NAME})+)`, 'g'))];
    const tests = files.flatMap(([, file = '', names = '']) =>
      [...names.matchAll(new RegExp(NAME, 'g'))].map(([, name = '']) => ({ file, name })),
    );
    return { line, files: files.length, tests };
  });

/** Whether the file has a test of that name: as the beginning of a literal, or as a row's text within a title with a placeholder. */
function hasTest(text: string, name: string): boolean {
  const source = text.replaceAll("\\'", "'").replaceAll('\\"', '"');
  if (["'", '"', '`'].some((quote) => source.includes(quote + name))) return true;
  const titles = [...source.matchAll(/(['"`])((?:(?!\1)[^\n])*%[sj](?:(?!\1)[^\n])*)\1/g)].map(([, , title = '']) => title);
  return titles.some((title) => {
    const pattern = title
      .split(/%[sj]/)
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('(.+)');
    return (
      new RegExp(`^${pattern}$`)
        .exec(name)
        ?.slice(1)
        .every((row) => source.includes(row)) ?? false
    );
  });
}

describe('the guarantees of docs/internals/security-tests.md', () => {
  it('each name a test', () => {
    expect(guarantees.length).toBeGreaterThan(10);
    expect(guarantees.filter(({ tests }) => tests.length === 0).map(({ line }) => line)).toEqual([]);
    expect((section.match(/(?:test|lab)\/\S+\.ts/g) ?? []).length).toBe(guarantees.reduce((sum, { files }) => sum + files, 0));
  });

  it.each(guarantees.flatMap(({ tests }) => tests.map(({ file, name }) => [file, name] as const)))('%s has the test "%s"', (file, name) => {
    expect(existsSync(path.join(REPOSITORY, file)), file).toBe(true);
    expect(hasTest(read(file), name), name).toBe(true);
  });

  it('a name that no test has is found out', () => {
    const text = `it.each([['a page'], ['a user']])('%s is refused', () => {}); it("the owner's is not", () => {});`;
    const names = ['a page is refused', "the owner's is not", 'a robot is refused', 'a page is not', 'refused'];
    expect(names.map((name) => hasTest(text, name))).toEqual([true, true, false, false, false]);
  });

  it('are linked from docs/security.md, that from SECURITY.md, and that from README.md', () => {
    expect(read('docs/security.md')).toContain('(internals/security-tests.md)');
    expect(read('SECURITY.md')).toContain('(docs/security.md)');
    expect(read('README.md')).toContain('(SECURITY.md)');
  });
});
