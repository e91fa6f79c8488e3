/** The files that the browser loads. Its code is bundled at the first request and kept in memory. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { OWN_FOLDER } from '../infra/own-files.ts';

export interface BrowserFile {
  readonly type: string;
  readonly content: string | Uint8Array;
}

/** By URL path. */
export type BrowserFiles = Readonly<Record<string, () => Promise<BrowserFile>>>;

const FOLDER = path.join(import.meta.dirname, 'browser');
const text = async (name: string, type: string): Promise<BrowserFile> => ({ type, content: await readFile(path.join(FOLDER, name)) });

/** @param script of a page with more views. @default the console's own */
export function browserFiles(script?: string): BrowserFiles {
  let bundled: Promise<BrowserFile> | undefined;
  return {
    '/': () => text('index.html', 'text/html; charset=utf-8'),
    '/console.css': () => text('console.css', 'text/css; charset=utf-8'),
    '/icon.svg': () => text('icon.svg', 'image/svg+xml'),
    '/console.js': () =>
      (bundled ??= bundleScript(script).then(
        ({ content }) => ({ type: 'text/javascript; charset=utf-8', content }),
        (error: Error) => {
          bundled = undefined;
          throw error;
        },
      )),
  };
}

const OWN_SCRIPT = { stdin: { contents: "import { start } from './main.ts'; void start();", resolveDir: FOLDER } };

/** Takes half a second in another process, so it runs only when the page is opened. @returns what was bundled as well, for the package's notices */
export async function bundleScript(script?: string): Promise<{ readonly content: Uint8Array; readonly sources: readonly string[] }> {
  const { build, stop } = await import('esbuild');
  try {
    const { outputFiles, metafile } = await build({
      absWorkingDir: OWN_FOLDER,
      metafile: true,
      ...(script === undefined ? OWN_SCRIPT : { entryPoints: [script] }),
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
    return { content: file.contents, sources: Object.keys(metafile.inputs) };
  } finally {
    await stop();
  }
}
