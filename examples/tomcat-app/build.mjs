/**
 * Makes a WAR: `node build.mjs --version 1.1.0 --out DIR` writes DIR/app.war, with no other program. The pages are JSPs,
 * which Tomcat compiles.
 */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js';

const webapp = fileURLToPath(new URL('./webapp', import.meta.url));
const USAGE = 'usage: node build.mjs --version 1.1.0 --out DIR';
const { values } = readOptions({ help: { type: 'boolean' }, version: { type: 'string' }, out: { type: 'string' } });
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
if (!values.version || !values.out) refuse('--version and --out are needed');

const files = [];
for (const entry of await readdir(webapp, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const path = join(entry.parentPath, entry.name);
  const content = await readFile(path);
  const name = relative(webapp, path).replaceAll('\\', '/');
  files.push({
    name,
    content: name === 'WEB-INF/web.xml' ? Buffer.from(content.toString().replace('@VERSION@', values.version)) : content,
  });
}
files.sort((a, b) => (a.name < b.name ? -1 : 1));
await mkdir(values.out, { recursive: true });
// Content decides the bytes, not the clock.
const war = new ZipWriter(new Uint8ArrayWriter(), { lastModDate: new Date(2000, 0, 1), extendedTimestamp: false });
for (const { name, content } of files) await war.add(name, new Uint8ArrayReader(content));
await writeFile(join(values.out, 'app.war'), await war.close());

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
