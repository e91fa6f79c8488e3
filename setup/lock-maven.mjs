/**
 * `node setup/lock-maven.mjs spring-app`: builds a project of `examples`, `setup` or `test/e2e`, and writes its maven.lock,
 * after a change of its pom.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathsOf } from './checkout.mjs';
import { findJdk } from './find-java.mjs';
import { lockOf } from './maven-lock.mjs';
import { runMaven } from './maven-project.mjs';
import { SetupError } from './setup-error.mjs';

const [name] = process.argv.slice(2);
if (!name) {
  console.error('usage: node setup/lock-maven.mjs PROJECT');
  process.exit(2);
}
try {
  const paths = pathsOf();
  const folder = ['examples', 'setup', 'test/e2e']
    .map((parent) => join(paths.checkout, parent, name))
    .find((each) => existsSync(join(each, 'pom.xml')));
  if (!folder) throw new SetupError(`There is no project ${name} in examples, setup or test/e2e. Nothing was changed.`);
  const context = { paths, env: process.env, noteCommand: () => {} };
  const output = await runMaven(context, findJdk(), folder, join(paths.logs, `setup-${name}.log`));
  writeFileSync(join(folder, 'maven.lock'), lockOf(output));
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
