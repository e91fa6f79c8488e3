/** docs/internals/on-aws.md: each fact has what relies on it, a test that stands in and a source; the files exist. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const REPOSITORY = path.resolve(import.meta.dirname, '../..');
const page = readFileSync(path.join(REPOSITORY, 'docs/internals/on-aws.md'), 'utf8');
const facts = page.split('\n').filter((line) => line.startsWith('- '));
const nameOf = (line: string): string => line.slice(2, 90);

describe('docs/internals/on-aws.md', () => {
  it('has facts', () => {
    expect(facts.length).toBeGreaterThan(20);
  });

  it.each(facts.map((line) => [nameOf(line), line] as const))('%s…: what relies on it, a stand-in, a source', (_, line) => {
    const [, reliesOn = '', standIn = '', source = ''] = /[.)] (`[^;]+); ([^;]+); ([^;]+)$/.exec(line) ?? [];
    expect(reliesOn).toMatch(/^`[\w/.-]+`/);
    expect(standIn).toMatch(/^none: |`(?:test|lab)\/\S+\.ts`/);
    expect(source).toMatch(/https:|^none|^aws-cdk /);
  });

  it('names files that exist', () => {
    const files = facts.flatMap((line) =>
      [...line.matchAll(/`((?:test|infra|functions|lab|cli|docs|server|setup)\/[^`\s]+)`/g)].map(([, file = '']) => file),
    );
    expect(files.length).toBeGreaterThan(facts.length);
    expect(files.filter((file) => !existsSync(path.join(REPOSITORY, file)))).toEqual([]);
  });
});
