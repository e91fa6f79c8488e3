/**
 * Makes a release: `node build.mjs --version 1.1.0 --out DIR` writes app.jar, its libraries, application.properties with the
 * version, and holdfast.app.json. Maven runs only if the sources have changed. Nothing in DIR is removed: give a new DIR
 * for each version.
 */
import { copyFile, cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureMavenOutput } from '../../setup/java.mjs';
import { SetupError } from '../../setup/setup-error.mjs';

const here = fileURLToPath(new URL('./', import.meta.url));
const USAGE = 'usage: node build.mjs --version 1.1.0 --out DIR';
const { values } = readOptions({ help: { type: 'boolean' }, version: { type: 'string' }, out: { type: 'string' } });
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
if (!values.version || !values.out) refuse('--version and --out are needed');

try {
  const built = await ensureMavenOutput('spring-app');
  await mkdir(values.out, { recursive: true });
  await cp(built, values.out, { recursive: true });
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  process.exit(1);
}
await copyFile(join(here, 'holdfast.app.json'), join(values.out, 'holdfast.app.json'));
// Spring Boot reads it from the folder that it starts in, before the one in app.jar.
await writeFile(join(values.out, 'application.properties'), `counter.version=${values.version}\n`);

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
