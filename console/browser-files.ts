/** The files that the browser loads. Its code is bundled at the first request and kept in memory. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';

export interface BrowserFile {
  readonly type: string;
  readonly content: string | Uint8Array;
}

const FOLDER = path.join(import.meta.dirname, 'browser');
const text = async (name: string, type: string): Promise<BrowserFile> => ({ type, content: await readFile(path.join(FOLDER, name)) });

let script: Promise<BrowserFile> | undefined;

/** The files that the console serves, by URL path. */
export const BROWSER_FILES: Readonly<Record<string, () => Promise<BrowserFile>>> = {
  '/': () => text('index.html', 'text/html; charset=utf-8'),
  '/console.css': () => text('console.css', 'text/css; charset=utf-8'),
  '/icon.svg': () => text('icon.svg', 'image/svg+xml'),
  '/console.js': () =>
    (script ??= bundle().catch((error: Error) => {
      script = undefined;
      throw error;
    })),
};

/** Takes half a second in another process, so it runs only when the page is opened. */
async function bundle(): Promise<BrowserFile> {
  const { build, stop } = await import('esbuild');
  try {
    const { outputFiles } = await build({
      entryPoints: [path.join(FOLDER, 'main.ts')],
      bundle: true,
      minify: true,
      format: 'esm',
      target: 'es2023',
      legalComments: 'eof',
      write: false,
      logLevel: 'silent',
    });
    const [file] = outputFiles;
    if (!file) throw new Error('esbuild produced no output');
    return { type: 'text/javascript; charset=utf-8', content: file.contents };
  } finally {
    await stop();
  }
}
