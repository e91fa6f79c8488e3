/** What publishing refuses by the classes in a WAR, with archives that nobody has checked. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkClasses } from '../../../../cli/releases/tomcat/check-classes.ts';
import { tomcatApp as app, impliedBy, javaOf, tomcatOfHome } from '../../../../infra/config/app-kind.ts';
import { zip } from '../../../zip.ts';
import { classFile } from './write-class.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'classes-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const OLD = classFile({ name: 'shop/Pay', parent: 'javax/servlet/http/HttpServlet' });
const NEW = classFile({ name: 'shop/Pay', parent: 'jakarta/servlet/http/HttpServlet' });
let releases = 0;

/** A byte of the directory's first entry. */
function change(jar: Buffer, at: number, byte: number): Buffer {
  jar.writeUInt8(byte, jar.indexOf('PK\x01\x02', 0, 'latin1') + at);
  return jar;
}

/** A release with these files of its WAR. */
async function releaseOf(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const release = path.join(folder, `release-${releases++}`);
  await mkdir(path.join(release, 'lib'), { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(release, name.startsWith('tomcat/') ? name : `webapps/ROOT/${name}`);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  return release;
}
const check = async (files: Readonly<Record<string, string | Uint8Array>>, of: object = {}, runtimePackages?: readonly string[]) =>
  checkClasses('app.war', await releaseOf(files), {
    app: app.parse({ kind: 'tomcat', home: '/usr/share/tomcat10', ...of }),
    port: 8080,
    strategy: 'sticky',
    runtimePackages,
  });

describe('the classes of a WAR', () => {
  it('refuses javax.servlet for Tomcat 10, with what to set', async () => {
    await expect(check({ 'WEB-INF/classes/shop/Pay.class': OLD })).rejects.toThrow(
      '"app.war" is written for javax.servlet, and Tomcat 10 (app.home) has jakarta.servlet (shop.Pay in WEB-INF/classes uses javax.servlet.http.HttpServlet): set app.archive or app.home to a Tomcat 9, and take Redisson\'s jars for it, redisson-tomcat-9, or convert the WAR with Tomcat\'s migration tool for Jakarta EE.',
    );
    await check({ 'WEB-INF/classes/shop/Pay.class': NEW });
  });

  it('refuses jakarta.servlet for the Tomcat 9 of the release', async () => {
    const catalina = await zip({ 'META-INF/MANIFEST.MF': 'Manifest-Version: 1.0\nSpecification-Version: 9.0\n' });
    const own = { home: undefined, archive: 'tomcat.zip' };
    const tomcat = { 'tomcat/lib/catalina.jar': catalina };
    await expect(check({ ...tomcat, 'WEB-INF/classes/shop/Pay.class': NEW }, own)).rejects.toThrow(
      'is written for jakarta.servlet, and Tomcat 9 (app.archive) has javax.servlet (shop.Pay in WEB-INF/classes uses jakarta.servlet.http.HttpServlet): set app.archive or app.home to a Tomcat 10 or 11, and take',
    );
    await check({ ...tomcat, 'WEB-INF/classes/shop/Pay.class': OLD }, own);
  });

  it.each<[string, (jar: Buffer) => Buffer | string, string]>([
    ['a file that macOS puts next to it', () => Buffer.from('\0\x05\x16\x07\0\x02\0\0Mac OS X', 'latin1'), 'it is no ZIP archive'],
    [
      'what Git has in the place of a large file',
      () => 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n',
      'it is no ZIP archive',
    ],
    ['a page of a proxy', () => '<html><title>403 Forbidden</title></html>', 'it is no ZIP archive'],
    ['nothing', () => '', 'it is no ZIP archive'],
    ['a jar that was cut off', (jar) => jar.subarray(0, -30), 'it is no ZIP archive'],
    ['a jar whose beginning is missing', (jar) => jar.subarray(10), 'it is damaged: its directory cannot be read'],
    ['an encrypted jar', (jar) => change(jar, 8, 1), '"a" in it is encrypted'],
    ['a jar packed by bzip2', (jar) => change(jar, 10, 12), '"a" in it is packed in a way that Java does not read'],
    ['a jar with a name of Latin-1', (jar) => change(jar, 46, 0xe9), 'in it has a name that is not UTF-8'],
  ])('refuses a jar that Java cannot open: %s', async (_what, broken, problem) => {
    const jar = broken(Buffer.from(await zip({ a: 'content' })));
    await expect(check({ 'WEB-INF/lib/._shop.jar': jar })).rejects.toThrow(problem);
    await expect(check({ 'WEB-INF/lib/._shop.jar': jar })).rejects.toThrow('Tomcat cannot open WEB-INF/lib/._shop.jar in "app.war": ');
    // Tomcat opens only what is named a jar.
    await check({ 'WEB-INF/lib/._shop.jar.md5': jar, 'WEB-INF/lib/shop.JAR': jar });
  });

  it('checks nothing of the servlet API where nothing shows which Tomcat there is', async () => {
    await check({ 'WEB-INF/classes/shop/Pay.class': OLD }, { home: '/srv/container' });
  });

  it('refuses a library’s filter that web.xml names', async () => {
    const jar = await zip({ 'lib/Filter.class': classFile({ name: 'lib/Filter', interfaces: ['javax/servlet/Filter'] }) });
    const files = { 'WEB-INF/classes/shop/Pay.class': NEW, 'WEB-INF/lib/a.jar': jar };
    await check(files);
    const webXml = '<web-app><!-- <filter-class>x</filter-class> --><filter><filter-class>\n lib.Filter </filter-class></filter></web-app>';
    await expect(check({ ...files, 'WEB-INF/web.xml': webXml })).rejects.toThrow(
      'lib.Filter in WEB-INF/lib/a.jar uses javax.servlet.Filter',
    );
  });

  it('refuses classes for a newer Java than the fleet’s, with what to set', async () => {
    const files = { 'WEB-INF/classes/shop/Cart.class': classFile({ name: 'shop/Cart', java: 21 }) };
    await expect(check(files)).rejects.toThrow(
      '"app.war" needs Java 21, and the fleet has Java 17 by its configuration (shop.Cart in WEB-INF/classes is compiled for 21): put Java 21 on the servers (runtimePackages, app.javaHome) and set app.leastJava to 21, or compile for Java 17.',
    );
    await check(files, { leastJava: 21 });
    await check(files, {}, ['java-21-amazon-corretto-headless']);
    await check(files, { javaHome: '/usr/lib/jvm/java-21-openjdk' });
  });

  it('counts no class for another Java in a jar, and no description of a module', async () => {
    const newer = classFile({ name: 'shop/Cart', java: 25, parent: 'javax/servlet/http/HttpServlet' });
    const jar = await zip({ 'META-INF/versions/25/shop/Cart.class': newer, 'module-info.class': newer });
    await check({
      'WEB-INF/lib/a.jar': jar,
      'WEB-INF/classes/module-info.class': newer,
      'WEB-INF/classes/META-INF/versions/25/Cart.class': newer,
    });
  });

  it('leaves classes that are damaged or grow beyond every other to the server', async () => {
    const jar = Buffer.from(await zip({ 'shop/Pay.class': OLD }));
    const bomb = Buffer.from(await zip({ 'shop/Pay.class': Buffer.alloc(64 * 1024 ** 2) }));
    // Its directory has the class behind the end of the file.
    const lost = Buffer.from(jar);
    lost.writeUInt32LE(0x7ffffff0, lost.indexOf('PK\u0001\u0002') + 42);
    await check({ 'WEB-INF/lib/b.jar': bomb, 'WEB-INF/lib/d.jar': lost });
    // A file of its own that is a class by its name alone.
    await check({ 'WEB-INF/classes/a.class': deflateRawSync('text'), 'WEB-INF/classes/b.class/c.txt': '' });
  });
});

describe('a fleet’s Java and Tomcat', () => {
  it.each([
    [{}, [], 17],
    [{ leastJava: 21 }, [], 21],
    [{}, ['java-21-amazon-corretto-headless'], 21],
    [{}, ['fontconfig', 'java-25-openjdk'], 25],
    [{ javaHome: '/usr/lib/jvm/temurin-25-jdk-amd64' }, ['java-21-openjdk'], 25],
    [{ javaHome: '/srv/java' }, ['java-21-openjdk'], 17],
    [{ leastJava: 11, javaHome: '/usr/lib/jvm/java-11-openjdk' }, [], 11],
  ])('%j with %j has Java %d', (of, packages, java) => {
    expect(javaOf(app.parse({ kind: 'tomcat', ...of }), packages)).toBe(java);
  });

  it.each([
    ['/usr/share/tomcat10', 10],
    ['/opt/apache-tomcat-9.0.117/', 9],
    ['/opt/tomcat', undefined],
    ['/opt/tomcat9/current', undefined],
  ])('%s is Tomcat %s', (home, major) => {
    expect(tomcatOfHome(home)).toBe(major);
  });

  it.each([
    [undefined, 'java-17-amazon-corretto-headless'],
    [11, 'java-17-amazon-corretto-headless'],
    [21, 'java-21-amazon-corretto-headless'],
    [23, 'java-25-amazon-corretto-headless'],
  ])('installs a Java that is new enough: %s', (leastJava, name) => {
    expect(impliedBy({ kind: 'tomcat', home: '/srv/tomcat', leastJava }).runtimePackages).toEqual([name]);
  });
});
