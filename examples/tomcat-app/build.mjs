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
const { values } = parseArgs({ options: { version: { type: 'string' }, out: { type: 'string' } } });
if (!values.version || !values.out) {
  console.error('usage: node build.mjs --version 1.1.0 --out DIR');
  process.exit(2);
}

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
