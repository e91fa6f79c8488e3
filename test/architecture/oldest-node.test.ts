/** The package runs on Node.js 22.0: what only later ones have is not used in it. Full tests run some commands on that version, not each line. */
import { describe, expect, it } from 'vitest';
import { readSources } from './read-sources.ts';

/** Added between 22.1 and 24, by the changelogs of Node.js and V8. */
const LATER =
  /\bURL\.parse\(|\bPromise\.try\(|\bRegExp\.escape\(|\bError\.isError\(|\bcrc32\(|\bfromBase64\(|\benableCompileCache\(|\bmatchesGlob\(|\bloadEnvFile\(\)|\bawait using\b/;

describe('code of the package', () => {
  it('uses nothing that Node.js 22.0 does not have', () => {
    const sources = ['cli', 'console', 'functions', 'infra', 'server', 'package', 'advisor'].flatMap((folder) =>
      readSources(`${folder}/**/*.ts`),
    );
    expect(sources.length).toBeGreaterThan(500);
    expect(sources.filter(({ text }) => LATER.test(text)).map(({ file }) => file)).toEqual([]);
  });

  it('would be found to, if it did', () => {
    for (const line of ["const url = URL.parse('x')", 'zlib.crc32(bytes)']) expect(line).toMatch(LATER);
    for (const line of ['parseUrl(text)', 'URL.canParse(text)', 'JSON.parse(text)', 'import.meta.filename'])
      expect(line).not.toMatch(LATER);
  });
});
