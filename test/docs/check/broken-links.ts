/** Links of a page to files and headings that do not exist. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { REPOSITORY } from '../../run-node.ts';
import { withoutCode } from './pages.ts';

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

/** @param page path from the repository's root @returns the links as they are written */
export function brokenLinks(page: string): string[] {
  const read = (file: string) => readFileSync(path.join(REPOSITORY, file), 'utf8');
  const broken = [...withoutCode(read(page)).matchAll(/\]\((?!https?:)([^)#]*)#?([^)]*)\)/g)].filter(([, to = '', heading = '']) => {
    const file = to === '' ? page : path.join(path.dirname(page), to);
    if (!existsSync(path.join(REPOSITORY, file))) return true;
    return heading !== '' && file.endsWith('.md') && !anchors(read(file)).has(heading);
  });
  return broken.map(([link]) => link);
}
