import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hashOfFile, pathsOf } from '../../setup/checkout.mjs';
import { ensureJava, ensureMavenOutput, whyNoJava } from '../../setup/java.mjs';
import { lockOf, parseLock } from '../../setup/maven-lock.mjs';
import { makeFolder, writeJdk, writeProgram } from './fake-programs.ts';

let checkout: string;
let bin: string;
let project: string;
beforeEach(() => {
  checkout = makeFolder();
  bin = join(checkout, 'bin');
  project = join(checkout, 'examples', 'shop');
  writeJdk(join(checkout, 'jdk'), '17.0.15');
  mkdirSync(join(project, 'src'), { recursive: true });
  writeFileSync(join(project, 'pom.xml'), '<project/>');
  writeFileSync(join(project, 'src', 'Shop.java'), 'class Shop {}');
});
afterEach(() => rmSync(checkout, { recursive: true }));

/** A fake Maven that makes an app.jar and brings one library. */
const MAKES = 'mkdir -p "$build/out/lib"; cat "$project/src/Shop.java" > "$build/out/app.jar"; echo library > "$build/out/lib/a-1.0.jar"';
const writeMaven = (work: string) =>
  writeProgram(
    bin,
    'mvn',
    `[ "$1" = --version ] && { echo "Apache Maven 3.9.9"; exit; }
echo "$*" >> "${checkout}/calls"
project="${project}"
for word; do case "$word" in -DbuildFolder=*) build="\${word#*=}";; esac; done
${work}`,
  );
const calls = () => (existsSync(join(checkout, 'calls')) ? readFileSync(join(checkout, 'calls'), 'utf8').trim().split('\n') : []);
const ensure = () => ensureMavenOutput('shop', { checkout, env: { PATH: `${bin}:/bin:/usr/bin`, JAVA_HOME: join(checkout, 'jdk') } });

describe('a Maven project with its libraries locked', () => {
  beforeEach(() => {
    const library = join(checkout, 'library');
    writeFileSync(library, 'library\n');
    writeFileSync(join(project, 'maven.lock'), `# a comment\n${hashOfFile(library)}  lib/a-1.0.jar\n`);
  });

  it('is built once, checked strictly, in a repository of the checkout', async () => {
    writeMaven(MAKES);
    const output = await ensure();
    expect(readFileSync(join(output, 'app.jar'), 'utf8')).toBe('class Shop {}');
    expect(readFileSync(join(output, 'lib', 'a-1.0.jar'), 'utf8')).toBe('library\n');
    expect(calls()).toEqual([
      `--batch-mode --no-transfer-progress --strict-checksums -Dstyle.color=never -f ${project}/pom.xml ` +
        `-Dmaven.repo.local=${pathsOf(checkout).mavenRepository} -DbuildFolder=${pathsOf(checkout).java}/.build-shop package`,
    ]);
    // Neither Maven nor a network is needed again.
    writeProgram(bin, 'mvn', 'exit 1');
    expect(await ensure()).toBe(output);
  });

  it('is built again, offline, when a source has changed, and online when the pom has', async () => {
    writeMaven(MAKES);
    await ensure();
    writeFileSync(join(project, 'src', 'Shop.java'), 'class Shop { int size; }');
    expect(readFileSync(join(await ensure(), 'app.jar'), 'utf8')).toBe('class Shop { int size; }');
    writeFileSync(join(project, 'pom.xml'), '<project><!-- changed --></project>');
    await ensure();
    expect(calls().map((words) => words.startsWith('--offline'))).toEqual([false, true, false]);
  });

  it('is built online when the repository has lost a part', async () => {
    writeMaven(MAKES);
    await ensure();
    writeFileSync(join(project, 'src', 'Shop.java'), 'class Shop { int size; }');
    writeMaven(`case "$*" in --offline*) echo "[ERROR] Cannot access central in offline mode"; exit 1;; esac\n${MAKES}`);
    await ensure();
    expect(calls()).toHaveLength(3);
  });

  it('is not used when a library is another than the locked one, and the last build stays', async () => {
    writeMaven(MAKES);
    const output = await ensure();
    writeFileSync(join(project, 'pom.xml'), '<project><!-- changed --></project>');
    writeMaven(`${MAKES}; echo another > "$build/out/lib/a-1.0.jar"; echo more > "$build/out/lib/b-2.jar"`);
    await expect(ensure()).rejects.toThrow(
      /^The build of shop is not used, as it is not what maven\.lock lists: lib\/a-1\.0\.jar has the SHA-256 [0-9a-f]{64}, and the lock has [0-9a-f]{64}; lib\/b-2\.jar is not in the lock\. After a change of the pom run `node setup\/lock-maven\.mjs shop`; else remove .*\/repository, then start again\.$/,
    );
    expect(readFileSync(join(output, 'lib', 'a-1.0.jar'), 'utf8')).toBe('library\n');
    writeMaven('mkdir -p "$build/out"');
    await expect(ensure()).rejects.toThrow('lists: lib/a-1.0.jar is missing. After');
  });

  it('says so in one sentence when Maven Central cannot be reached', async () => {
    writeMaven('echo "[ERROR] Could not transfer artifact org.example:a:pom:1 from/to central: Connection refused"; exit 1');
    await expect(ensure()).rejects.toThrow(
      'Maven Central cannot be reached for the build of shop: connect this machine to it, or name a mirror or a proxy of your company in ' +
        `~/.m2/settings.xml, then start again; nothing else was changed, and the full log is ${pathsOf(checkout).logs}/setup-shop.log`,
    );
  });

  it('refuses a file with another checksum than its repository states', async () => {
    writeMaven('echo "[ERROR] Checksum validation failed, expected 1 but is 2"; exit 1');
    await expect(ensure()).rejects.toThrow(/^A file for the build of shop was refused, as its checksum is not the one/);
  });

  it('quotes the first errors of any other failure', async () => {
    writeMaven('echo "[INFO] compiling"; echo "[ERROR] Shop.java:[1,7] cannot find symbol"; exit 1');
    await expect(ensure()).rejects.toThrow(
      /^The build of shop with Maven failed \(exit code 1\)\. Nothing else was changed\. Full log: .*setup-shop\.log\n {2}\[ERROR\] Shop\.java:\[1,7\] cannot find symbol$/,
    );
  });
});

it('the lock lists what comes from a repository, and not what the project makes itself', () => {
  mkdirSync(join(project, 'lib'));
  for (const path of ['app.jar', 'lib/a-1.0.jar']) writeFileSync(join(project, path), path);
  const lock = parseLock(lockOf(project));
  expect([...lock.keys()]).toEqual(['lib/a-1.0.jar', 'pom.xml', 'src/Shop.java']);
  expect(lock.get('lib/a-1.0.jar')).toBe(hashOfFile(join(project, 'lib', 'a-1.0.jar')));
});

it('a test learns why there is no Java', () => {
  expect(whyNoJava({ JAVA_HOME: '/nowhere' })).toMatch(/^JAVA_HOME is \/nowhere, which has no bin\/java that runs/);
  const env = { JAVA_HOME: join(checkout, 'jdk') };
  expect(whyNoJava(env)).toBeUndefined();
  expect(ensureJava(env).version).toBe('17.0.15');
});
