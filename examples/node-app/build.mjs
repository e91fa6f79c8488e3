/**
 * Makes a release: `node build.mjs --version 1.1.0 --out DIR` writes server.mjs with every dependency in it,
 * holdfast.app.json and package.json. Nothing in DIR is removed: give a new DIR for each version.
 *
 * With `--sessions memory` the release keeps sessions in its server's memory, and its contract counts them.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('./', import.meta.url));
const USAGE = 'usage: node build.mjs --version 1.1.0 --out DIR [--sessions store|memory]';
const { values } = readOptions({
  help: { type: 'boolean' },
  version: { type: 'string' },
  out: { type: 'string' },
  sessions: { type: 'string', default: 'store' },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
if (!values.version || !values.out) refuse('--version and --out are needed');
if (!['store', 'memory'].includes(values.sessions)) refuse(`--sessions is ${values.sessions}`);

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
await writeJson('holdfast.app.json', contractOf(JSON.parse(await readFile(join(here, 'holdfast.app.json'), 'utf8'))));
const { name, description } = JSON.parse(await readFile(join(here, 'package.json'), 'utf8'));
await writeJson('package.json', { name, version: values.version, private: true, type: 'module', description });

function contractOf(app) {
  if (values.sessions === 'store') return app;
  const sessions = { path: app.inFlight.path, field: 'sessions' };
  const session = { ...app.session, end: '/internal/session/end' };
  return { ...app, start: ['env', 'COUNTER_SESSIONS=memory', ...app.start], sessions, session };
}

function writeJson(name, value) {
  return writeFile(join(values.out, name), `${JSON.stringify(value, undefined, 2)}\n`);
}

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
