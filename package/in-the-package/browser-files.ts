/** Takes the place of console/browser-files.ts in the package, which has the built page. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { BrowserFiles } from '../../console/browser-files.ts';
import { OWN_FOLDER } from '../../infra/own-files.ts';

const file = (name: string, type: string) => async () => ({
  type,
  content: await readFile(path.join(OWN_FOLDER, 'console/browser', name)),
});

export const browserFiles = (): BrowserFiles => ({
  '/': file('index.html', 'text/html; charset=utf-8'),
  '/console.css': file('console.css', 'text/css; charset=utf-8'),
  '/icon.svg': file('icon.svg', 'image/svg+xml'),
  '/console.js': file('console.js', 'text/javascript; charset=utf-8'),
});
