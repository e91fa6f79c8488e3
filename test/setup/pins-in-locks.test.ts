/**
 * Dependabot changes what a file of pins asks for, and not the lock that set-up installs from: without these tests such a request would be
 * green although nothing of it was installed or tried. The folders are those that .github/dependabot.yml names.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { XMLParser } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { CHECKOUT } from '../../setup/checkout.mjs';
import { parseLock } from '../../setup/maven-lock.mjs';

const read = (file: string) => readFileSync(path.join(CHECKOUT, file), 'utf8');
interface Updates {
  readonly updates: readonly { readonly 'package-ecosystem': string; readonly directories?: readonly string[] }[];
}
const { updates } = parse(read('.github/dependabot.yml')) as Updates;
const foldersOf = (ecosystem: string) =>
  updates
    .filter((one) => one['package-ecosystem'] === ecosystem)
    .flatMap(({ directories = [] }) => directories.map((folder) => folder.slice(1)));

/** The pins of a file for pip, each as `name==version`, with the names as a lock writes them. A line without a version is no pin. */
function pinsOf(requirements: string): string[] {
  const found = [...requirements.matchAll(/^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;]+)/gm)];
  return found.map(([, name = '', version]) => `${name.toLowerCase().replaceAll(/[._]/g, '-')}==${version}`);
}

describe('the pins of Python packages', () => {
  const files = foldersOf('pip').flatMap((folder) =>
    readdirSync(path.join(CHECKOUT, folder))
      .filter((name) => /^requirements.*\.in$/.test(name))
      .map((name) => path.posix.join(folder, name)),
  );

  it('are in files that Dependabot knows', () => {
    expect(files).toEqual(expect.arrayContaining(['setup/requirements-clients.in', 'lab/local-aws/emulator/ministack/requirements.in']));
  });

  it.each(files)('of %s are in its lock with the same versions', (file) => {
    const [pins, locked] = [pinsOf(read(file)), pinsOf(read(file.replace(/\.in$/, '.lock')))];
    expect(pins).not.toEqual([]);
    expect(pins.filter((pin) => !locked.includes(pin))).toEqual([]);
  });

  it('are read with extras, markers and any spelling of the name', () => {
    expect(pinsOf('# a==0\nDjango==5.2\nlocalstack-core[runtime]==4.14.0\nzope.event==1.0 ; python_version < "4"\nsetuptools\n')).toEqual([
      ...['django==5.2', 'localstack-core==4.14.0', 'zope-event==1.0'],
    ]);
  });
});

interface Artifact {
  readonly artifactId: string;
  readonly version?: string;
}
interface Pom {
  readonly project: {
    readonly parent?: Artifact;
    readonly properties?: Readonly<Record<string, string>>;
    readonly dependencies?: { readonly dependency: readonly Artifact[] };
  };
}

/** The jars of a pom's own dependencies, by the versions in it: of Spring Boot's parent, which pins all others, that of Spring Boot itself. */
function jarsOf(pom: string): string[] {
  const parser = new XMLParser({ parseTagValue: false, isArray: (name) => name === 'dependency' });
  const { parent, properties = {}, dependencies } = (parser.parse(pom) as Pom).project;
  const boot = parent?.artifactId === 'spring-boot-starter-parent' ? [{ ...parent, artifactId: 'spring-boot' }] : [];
  return [...boot, ...(dependencies?.dependency ?? [])].flatMap(({ artifactId, version }) =>
    version === undefined ? [] : [`${artifactId}-${version.replace(/^\$\{(.+)\}$/, (_, name: string) => properties[name] ?? name)}.jar`],
  );
}

describe('the versions of Maven projects', () => {
  // What is copied under a name without a version, such as tomcat.tar.gz, is compared by its hash when the project is built.
  const projects = foldersOf('maven').filter((folder) => existsSync(path.join(CHECKOUT, folder, 'maven.lock')));

  it('are in projects that Dependabot knows', () => {
    expect(projects.length).toBeGreaterThanOrEqual(4);
  });

  it.each(projects)('of %s are those of the libraries in its lock', (project) => {
    const jars = jarsOf(read(`${project}/pom.xml`));
    const locked = [...parseLock(read(`${project}/maven.lock`)).keys()].map((file) => path.posix.basename(file));
    expect(jars).not.toEqual([]);
    expect(jars.filter((jar) => !locked.includes(jar))).toEqual([]);
  });
});
