/** The READMEs of the rooms: short, and about files that exist. links.test.ts reads their links. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { REPOSITORY } from '../run-node.ts';

const ROOMS = ['cli', 'console', 'infra', 'functions', 'server', 'lab'];
const LONGEST = 30;

/** Names of files in code: with a folder, or with the ending of a source. Commands and placeholders are none. */
const filesIn = (text: string): readonly string[] =>
  [...text.matchAll(/`([\w@./-]+)`/g)]
    .map(([, name = '']) => name)
    .filter((name) => /\.(ts|mjs|py|json|java|sh|md)$|^\w[\w-]*\//.test(name));

describe.each(ROOMS)('%s/README.md', (room) => {
  const text = existsSync(path.join(REPOSITORY, room, 'README.md')) ? readFileSync(path.join(REPOSITORY, room, 'README.md'), 'utf8') : '';

  it(`has at most ${LONGEST} lines: what the room is for, what it may import, where to begin`, () => {
    expect(text.split('\n').length - 1).toBeLessThanOrEqual(LONGEST);
    expect(text).toMatch(new RegExp(`^# ${room}\\n\\n[A-Z].+\\n`));
    expect(text).toMatch(/^\*\*May import\*\*: /m);
    expect(text).toMatch(/^\*\*Begin with\*\* /m);
  });

  it('names files that exist', () => {
    const files = filesIn(text);
    expect(files.length).toBeGreaterThan(0);
    const places = (file: string) => [path.join(REPOSITORY, room, file), path.join(REPOSITORY, file)];
    expect(files.filter((file) => !places(file).some((place) => existsSync(place)))).toEqual([]);
  });
});

it('lab/local-aws/README.md has at most 80 lines', () => {
  expect(readFileSync(path.join(REPOSITORY, 'lab/local-aws/README.md'), 'utf8').split('\n').length - 1).toBeLessThanOrEqual(80);
});

it('CONTRIBUTING.md links to each of them', () => {
  const page = readFileSync(path.join(REPOSITORY, 'CONTRIBUTING.md'), 'utf8');
  expect(ROOMS.filter((room) => !page.includes(`](${room}/README.md)`))).toEqual([]);
});

it('the worked example of CONTRIBUTING.md changes a line that is in the code', () => {
  const page = readFileSync(path.join(REPOSITORY, 'CONTRIBUTING.md'), 'utf8');
  const [, line = ''] = /^```diff\n-(.+)$/m.exec(page) ?? [];
  expect(readFileSync(path.join(REPOSITORY, 'functions/instance/steps/drain.ts'), 'utf8').split('\n')).toContain(line);
});
