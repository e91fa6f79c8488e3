/**
 * Makes a release: `node build.mjs --version 1.1.0 --out DIR` writes server.mjs with every dependency in it,
 * holdfast.app.json and package.json. Nothing in DIR is removed: give a new DIR for each version.
 */
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('./', import.meta.url));
const USAGE = 'usage: node build.mjs --version 1.1.0 --out DIR';
const { values } = readOptions({ help: { type: 'boolean' }, version: { type: 'string' }, out: { type: 'string' } });
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
if (!values.version || !values.out) refuse('--version and --out are needed');

await mkdir(values.out, { recursive: true });
await build({
  entryPoints: [join(here, 'server.mjs')],
  outfile: join(values.out, 'server.mjs'),
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'eof',
  // The dependencies are CommonJS and call require for Node's own modules.
  banner: { js: "import { createRequire } from 'node:module';const require = createRequire(import.meta.url);" },
  logLevel: 'warning',
});
await copyFile(join(here, 'holdfast.app.json'), join(values.out, 'holdfast.app.json'));
const { name, description } = JSON.parse(await readFile(join(here, 'package.json'), 'utf8'));
const manifest = { name, version: values.version, private: true, type: 'module', description };
await writeFile(join(values.out, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);

function readOptions(options) {
  try {
    return parseArgs({ options });
  } catch (error) {
    return refuse(error.message);
  }
}

function refuse(problem) {
  console.error(`${problem}\nNothing was written. ${USAGE}`);
  process.exit(2);
}
