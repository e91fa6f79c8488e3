import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

const REPOSITORY = path.resolve(import.meta.dirname, '../..');
const pages = globSync(['*.md', '{cli,console,docs,functions,infra,lab,ops,server}/**/*.md'], {
  cwd: REPOSITORY,
  exclude: (name) => name === 'node_modules',
});

const withoutCode = (text: string): string => text.replace(/^ *```.*?^ *```/gms, '');

/** As GitHub derives them. */
const anchors = (text: string): ReadonlySet<string> =>
  new Set([
    ...[...withoutCode(text).matchAll(/<a id="([^"]+)"><\/a>/g)].map(([, id = '']) => id),
    ...[...withoutCode(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    ),
  ]);

it.each(pages)('%s links only to files and headings that exist', (page) => {
  const read = (file: string) => readFileSync(path.join(REPOSITORY, file), 'utf8');
  const broken = [...withoutCode(read(page)).matchAll(/\]\((?!https?:)([^)#]*)#?([^)]*)\)/g)].filter(([, to = '', heading = '']) => {
    const file = to === '' ? page : path.join(path.dirname(page), to);
    if (!existsSync(path.join(REPOSITORY, file))) return true;
    return heading !== '' && file.endsWith('.md') && !anchors(read(file)).has(heading);
  });
  expect(broken.map(([link]) => link)).toEqual([]);
});
