/** Builds the JavaScript of the package: commands, construct and what applications use. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';
import { OWN_FOLDER } from '../infra/own-files.ts';

/** Files of the repository, and what takes their place in the package. */
const REPLACED: Readonly<Record<string, string>> = {
  'console/browser-files.ts': 'package/in-the-package/browser-files.ts',
  'infra/constructs/bundle-function.ts': 'package/in-the-package/bundle-function.ts',
  'cli/releases/tomcat/compile-valves.ts': 'package/in-the-package/compile-valves.ts',
};

const OLDEST_NODE = 22;

/**
 * Refuses an old Node in the first module that it evaluates, before one that uses what it lacks; and gives bundles a `require`, because
 * CommonJS parts of the AWS SDK load modules of Node by it.
 */
const BANNER = `import { createRequire as createHoldfastRequire } from 'node:module'; const require = createHoldfastRequire(import.meta.url);
if (Number(process.versions.node.split('.')[0]) < ${OLDEST_NODE}) {
  process.stderr.write(\`UnsupportedNode: Holdfast needs Node.js ${OLDEST_NODE} or newer, and this is \${process.versions.node}. Nothing was started. Install a newer version.\\n\`);
  process.exit(2);
}`;

/** Folder of the built files in the package. */
export const CODE_FOLDER = 'lib';

/** What was bundled, for the notices. */
export async function buildCode(folder: string): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: OWN_FOLDER,
    entryPoints: { holdfast: 'package/main.ts', cdk: 'infra/holdfast.ts' },
    outdir: path.join(folder, CODE_FOLDER),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    minifySyntax: true,
    external: ['aws-cdk-lib', 'aws-cdk-lib/*', 'constructs'],
    mainFields: ['module', 'main'],
    banner: { js: BANNER },
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
    plugins: [replacedFiles, ownPlaces],
  });
  return metafile;
}

const replacedFiles: Plugin = {
  name: 'replaced-files',
  setup({ onResolve }) {
    onResolve({ filter: /^\.{1,2}\// }, ({ path: imported, resolveDir, kind, importer }) => {
      const file = path.relative(OWN_FOLDER, path.resolve(resolveDir, imported)).replaceAll(path.sep, '/');
      const replacement = kind === 'entry-point' || importer.includes('in-the-package') ? undefined : REPLACED[file];
      return replacement === undefined ? undefined : { path: path.join(OWN_FOLDER, replacement) };
    });
  },
};

/**
 * Files that are read at run time lie in the package as in the repository, and the code that reads them lies elsewhere: a source's own
 * place becomes its path from there.
 */
const ownPlaces: Plugin = {
  name: 'own-places',
  setup({ onLoad }) {
    onLoad({ filter: /\.(ts|mjs)$/ }, async ({ path: file }) => {
      const relative = path.relative(OWN_FOLDER, file).replaceAll(path.sep, '/');
      if (relative.startsWith('node_modules/')) return undefined;
      const text = await readFile(file, 'utf8');
      const up = JSON.stringify(`/../${path.posix.dirname(relative)}`);
      const contents = text
        .replaceAll('import.meta.dirname', `(import.meta.dirname + ${up})`)
        .replaceAll('import.meta.url', `new URL(${JSON.stringify(`../${relative}`)}, import.meta.url).href`);
      return { contents, loader: file.endsWith('.ts') ? 'ts' : 'js' };
    });
  },
};
