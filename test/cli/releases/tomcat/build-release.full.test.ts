/** The release of a WAR. Its jar of valves is compiled, so most of this needs a JDK. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRelease } from '../../../../cli/releases/package-release.ts';
import { buildTomcatRelease } from '../../../../cli/releases/tomcat/build-release.ts';
import { releaseWarnings } from '../../../../cli/releases/tomcat/check-war.ts';
import { isWar, withReleaseOfWar } from '../../../../cli/releases/tomcat/publish-war.ts';
import { tomcatApp as app } from '../../../../infra/config/app-kind.ts';
import { whyNoJava } from '../../../../setup/java.mjs';
import { writeZip, zip } from '../../../zip.ts';
import { classFile } from './write-class.ts';

let folder: string;
let war: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'war-'));
  execFileSync(process.execPath, ['examples/tomcat-app/build.mjs', '--version', '1.1.0', '--out', folder]);
  war = join(folder, 'app.war');
  await mkdir(join(folder, 'jars'));
  await writeZip(join(folder, 'jars/redisson-tomcat-10-3.52.0.jar'), { 'META-INF/MANIFEST.MF': '' });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const INPUT = { kind: 'tomcat', home: '/usr/share/tomcat10', libraries: 'jars', health: { loadBalancer: '/live', ready: '/health?deep' } };
let builds = 0;
const build = (more: object = {}, strategy: 'redis' | 'sticky' = 'redis', file = war, stickiness = false) =>
  buildTomcatRelease({
    war: file,
    fleet: { app: app.parse({ ...INPUT, ...more }), port: 8080, strategy, stickiness },
    configFolder: folder,
    folder: join(folder, `release-${builds++}`),
  });
const webXml = (name: string) => `<web-app><session-config><cookie-config><name>${name}</name></cookie-config></session-config></web-app>`;
const textOf = (release: string, name: string) => readFile(join(release, name), 'utf8');

describe.skipIf(whyNoJava() !== undefined)('the release of a WAR', () => {
  it('contains its content, the libraries, configuration, start script and contract', async () => {
    const release = await build();
    const { app: contract } = await packageRelease(release, '1.1.0', join(folder, 'work'));
    expect(contract).toMatchObject({
      start: ['python3', '-I', 'bin/start-tomcat.py'],
      port: 8080,
      statusPort: 9005,
      keepAliveSeconds: 75,
      inFlight: { path: '/status', port: 'STATUS_PORT', field: 'inFlight' },
    });
    expect([contract.sessions, contract.session]).toEqual([undefined, undefined]);
    expect((await readdir(join(release, 'lib'))).sort()).toEqual(['holdfast-tomcat.jar', 'redisson-tomcat-10-3.52.0.jar']);
    expect(await textOf(release, 'webapps/ROOT/WEB-INF/web.xml')).toContain('<param-value>1.1.0</param-value>');
    const context = await textOf(release, 'conf/context.xml');
    expect(context).toContain('className="holdfast.StoredSessions" sessionUpdates="atOnce"');
    expect(context).toContain('updateMode="DEFAULT"');
    // It comes after GracefulStop's wait, of up to 20 s, and systemd kills after 30 s.
    expect(context).not.toContain('unloadDelay');
    expect(await textOf(await build({ sessionUpdates: 'afterRequest' }), 'conf/context.xml')).toContain('sessionUpdates="afterRequest"');
    const server = await textOf(release, 'conf/server.xml');
    expect(server).toContain('ignoredPaths="/live /health"');
    expect(server).not.toMatch(/@[A-Z_]+@/);
  });

  it('needs nothing of the application: Holdfast’s valves answer the readiness check and the load balancer', async () => {
    const release = await build({ health: undefined });
    const { app: contract } = await packageRelease(release, '1.1.0', join(folder, 'work'));
    expect(contract.health).toEqual({ loadBalancer: '/holdfast/live', status: '200', ready: { path: '/health', port: 'STATUS_PORT' } });
    const server = await textOf(release, 'conf/server.xml');
    expect(server).toContain('<Valve className="holdfast.LiveValve" path="/holdfast/live"/>');
    // The application's first page, whatever it answers but an error.
    expect(server).toContain('pages="/holdfast/live 200 / 200-499"');
    expect(server).toContain('ignoredPaths="/holdfast/live"');
  });

  it('has the application’s own path and its status codes, or a page of its own for the readiness check', async () => {
    const health = { loadBalancer: '/index.jsp?a=1&b', status: '200,302', ready: { path: '/login', contains: 'Log in' } };
    const release = await build({ health });
    const { app: contract } = await packageRelease(release, '1.1.0', join(folder, 'work'));
    expect(contract.health).toEqual(health);
    const server = await textOf(release, 'conf/server.xml');
    expect(server).not.toContain('holdfast.LiveValve');
    expect(server).toContain('pages="/index.jsp?a=1&amp;b 200,302"');
    expect(server).toContain('ignoredPaths="/index.jsp /login"');
  });

  it('names the session cookie and the page that begins a session, where the fleet does', async () => {
    const session = { cookie: 'SID', page: '/internal/session' };
    const { app: contract } = await packageRelease(await build({ session }), '1.1.0', join(folder, 'work'));
    expect(contract.session).toEqual(session);
  });

  it('has Tomcat search the fleet’s libraries only when there are tags in them; a jar that is none is refused', async () => {
    const scans = async (release: string) => (await textOf(release, 'conf/context.xml')).includes('scanClassPath="true"');
    expect(await scans(await build())).toBe(false);
    await mkdir(join(folder, 'tags'), { recursive: true });
    await writeZip(join(folder, 'tags/standard.jar'), { 'META-INF/c.tld': '<taglib/>' });
    expect(await scans(await build({ libraries: 'tags' }, 'sticky'))).toBe(true);
    await writeFile(join(folder, 'tags/broken.jar'), 'a page of an error');
    await expect(build({ libraries: 'tags' }, 'sticky')).rejects.toThrow('broken.jar in app.libraries is not a jar');
  });

  it('is the same for the same content, whenever it was written and whatever the umask', async () => {
    const shaOf = async (release: string) => (await packageRelease(release, '1.1.0', join(folder, 'work'))).sha256;
    const first = await shaOf(await build());
    await utimes(war, 1, 1);
    const before = process.umask(0o077);
    try {
      expect(await shaOf(await build())).toBe(first);
    } finally {
      process.umask(before);
    }
  });

  it('keeps sessions in memory, and counts them, with the strategy sticky; own files of conf come last', async () => {
    await mkdir(join(folder, 'own'), { recursive: true });
    await writeFile(join(folder, 'own/server.xml'), '<Server/>');
    const release = await build({ libraries: undefined, conf: 'own' }, 'sticky');
    expect(await textOf(release, 'conf/context.xml')).toContain('<Manager pathname=""/>');
    expect(await textOf(release, 'conf/server.xml')).toBe('<Server/>');
    expect(JSON.parse(await textOf(release, 'holdfast.app.json'))).toMatchObject({
      sessions: { field: 'sessions' },
      session: { cookie: 'SID', timeoutSeconds: { field: 'timeoutSeconds' } },
    });
  });

  it.each([
    [
      'the name that its context has',
      { 'META-INF/context.xml': '<Context path="" sessionCookieName="CTX"/>', 'WEB-INF/web.xml': webXml('WEB') },
      'CTX',
    ],
    ['the name that its web.xml has', { 'WEB-INF/web.xml': webXml(' WEB ') }, 'WEB'],
    ['Tomcat’s own', { 'WEB-INF/web.xml': `<!-- ${webXml('OLD')} --><web-app/>` }, 'JSESSIONID'],
  ])('names the cookie by which sessions in memory are known: %s', async (_which, files, cookie) => {
    const release = await build(
      { libraries: undefined },
      'sticky',
      await writeZip(join(folder, 'named.war'), { 'index.jsp': '', ...files }),
    );
    expect(JSON.parse(await textOf(release, 'holdfast.app.json'))).toMatchObject({ session: { cookie } });
  });

  it('is refused when a file of the WAR or of conf would replace Redisson’s manager, unless the fleet keeps sessions elsewhere', async () => {
    const withContext = (text: string) =>
      writeZip(join(folder, 'own.war'), { 'index.jsp': '', 'META-INF/context.xml': `<Context><!-- <Manager/> -->${text}</Context>` });
    await expect(build({}, 'redis', await withContext('<Manager pathname=""/>'))).rejects.toThrow("would replace Redisson's");
    await build({}, 'redis', await withContext('<Resource name="jdbc/shop"/>'));
    await build({ sessionManager: 'application' }, 'redis', await withContext('<Manager pathname=""/>'));
    const overriding = await writeZip(join(folder, 'own.war'), {
      'index.jsp': '',
      'META-INF/context.xml': '<Context path="" override="true"/>',
    });
    await expect(build({}, 'redis', overriding)).rejects.toThrow('override="true", with which Tomcat leaves out Redisson\'s <Manager>');
    await build({ sessionManager: 'memory' }, 'sticky', overriding);
    const ofHost = join(folder, 'hosts/Catalina/localhost');
    await mkdir(ofHost, { recursive: true });
    for (const name of ['ROOT.xml', 'context.xml.default']) {
      await writeFile(join(ofHost, name), '<Context><Manager pathname=""/></Context>');
      await expect(build({ conf: 'hosts' })).rejects.toThrow(`Catalina/localhost/${name} in app.conf has a <Manager>`);
      await rm(join(ofHost, name));
    }
    await mkdir(join(folder, 'contexts'), { recursive: true });
    await writeFile(join(folder, 'contexts/context.xml'), '<Context><Resource name="jdbc/shop"/></Context>');
    await expect(build({ conf: 'contexts' })).rejects.toThrow('context.xml in app.conf has no Redisson manager');
    await build({ conf: 'contexts' }, 'sticky');
  });

  it('is refused when Redisson reads sessions from memory, also where users stay on their server', async () => {
    await mkdir(join(folder, 'memory'), { recursive: true });
    const manager = (attributes: string) =>
      writeFile(
        join(folder, 'memory/context.xml'),
        `<Context><Manager className="org.redisson.tomcat.RedissonSessionManager" ${attributes}/></Context>`,
      );
    await manager('readMode="MEMORY"');
    await expect(build({ conf: 'memory' })).rejects.toThrow('has a Redisson manager with readMode="MEMORY", so that each server');
    await expect(build({ conf: 'memory' }, 'redis', war, true)).rejects.toThrow('readMode="MEMORY"');
    // Its default is the other one.
    for (const attributes of ["readMode='REDIS'", 'updateMode="AFTER_REQUEST"']) {
      await manager(attributes);
      await build({ conf: 'memory' });
    }
  });

  it('writes what a request changes in place where users stay on their server, unless the fleet says otherwise', async () => {
    expect(await textOf(await build({}, 'redis', war, true), 'conf/context.xml')).toContain('sessionUpdates="afterRequest"');
    const named = await build({ sessionUpdates: 'atOnce' }, 'redis', war, true);
    expect(await textOf(named, 'conf/context.xml')).toContain('sessionUpdates="atOnce"');
  });

  it.each([
    [
      'Redisson’s own manager',
      'className="org.redisson.tomcat.RedissonSessionManager" updateMode="AFTER_REQUEST"',
      { sessionUpdates: 'afterRequest' },
      false,
      'app.sessionUpdates is',
    ],
    ['Holdfast’s, at once', "className='holdfast.StoredSessions' sessionUpdates='atOnce'", {}, true, 'the fleet has stickiness'],
    ['Holdfast’s, after each request', 'sessionUpdates = "afterRequest"\n className="holdfast.StoredSessions"', {}, true, undefined],
    ['Redisson’s own manager, at once', 'className="org.redisson.tomcat.RedissonSessionManager"', {}, false, undefined],
  ])('warns of a context.xml of conf that leaves out what the fleet asks for: %s', async (_which, manager, more, stickiness, reason) => {
    await mkdir(join(folder, 'updates'), { recursive: true });
    await writeFile(join(folder, 'updates/context.xml'), `<Context><Manager ${manager}/></Context>`);
    const fleet = { app: app.parse({ ...INPUT, conf: 'updates', ...more }), port: 8080, strategy: 'redis', stickiness } as const;
    const release = await build({ conf: 'updates', ...more }, 'redis', war, stickiness);
    const warnings = (await releaseWarnings(release, fleet)).filter((warning) => warning.includes('app.conf'));
    expect(warnings).toEqual(
      reason === undefined
        ? []
        : [expect.stringContaining(`does not write what a request changes in an object of the session, although ${reason}`)],
    );
    expect(await releaseWarnings(await build(more, 'redis', war, stickiness), fleet)).not.toContainEqual(
      expect.stringContaining('app.conf'),
    );
  });

  it('is refused when a server.xml of conf leaves out the valves that answer for the application', async () => {
    await mkdir(join(folder, 'other'), { recursive: true });
    await writeFile(
      join(folder, 'other/server.xml'),
      '<Server><!-- "holdfast.StatusValve" "holdfast.DeployGuard" "holdfast.LiveValve" --></Server>',
    );
    const health = { loadBalancer: '/live', ready: '/health' };
    await expect(build({ conf: 'other', health: { ...health, ready: undefined } })).rejects.toThrow(
      "which answer the deploy's readiness check",
    );
    await expect(build({ conf: 'other', health: { ...health, loadBalancer: undefined } })).rejects.toThrow(
      'which answers the load balancer',
    );
    await build({ conf: 'other', health });
    await writeFile(join(folder, 'other/server.xml'), await textOf(await build({ health: undefined }), 'conf/server.xml'));
    await build({ conf: 'other', health: undefined });
  });

  it.each([
    ['afterRequest', '<Server/>', true],
    ['afterRequest', '<Server><!-- "holdfast.SessionRouteValve" --></Server>', true],
    ['afterRequest', '<Server><Valve className="holdfast.SessionRouteValve"/></Server>', false],
    ['atOnce', '<Server/>', false],
  ] as const)('warns where ends of asynchronous requests are not seen: %s, %s', async (sessionUpdates, serverXml, warns) => {
    await mkdir(join(folder, 'later'), { recursive: true });
    await writeFile(join(folder, 'later/server.xml'), serverXml);
    const more = { conf: 'later', sessionUpdates, health: { loadBalancer: '/live', ready: '/health' } };
    const fleet = { app: app.parse({ ...INPUT, ...more }), port: 8080, strategy: 'redis' } as const;
    const warnings = (await releaseWarnings(await build(more), fleet)).filter((warning) => warning.includes('SessionRouteValve'));
    expect(warnings).toHaveLength(warns ? 1 : 0);
  });

  it('is refused with classes for another Tomcat or Java than the fleet’s', async () => {
    const old = classFile({ name: 'shop/Pay', parent: 'javax/servlet/http/HttpServlet' });
    const newer = classFile({ name: 'shop/Cart', java: 21 });
    const of = (bytes: Uint8Array) => writeZip(join(folder, 'classes.war'), { 'WEB-INF/classes/shop/A.class': bytes });
    await expect(build({}, 'redis', await of(old))).rejects.toThrow('is written for javax.servlet, and Tomcat 10 (app.home)');
    await expect(build({}, 'redis', await of(newer))).rejects.toThrow('needs Java 21, and the fleet has Java 17');
    const app = { ...INPUT, libraries: 'jars', javaHome: '/usr/lib/jvm/java-21-openjdk' };
    await writeFile(join(folder, 'java.json'), JSON.stringify({ fleets: { web: { allowPlainHttp: true, app } } }));
    const options = { war: await of(newer), configFile: join(folder, 'java.json'), fleet: 'web', workFolder: join(folder, 'java-work') };
    expect(await withReleaseOfWar(options, async () => 'published')).toBe('published');
  });

  it('is refused with Redisson’s manager for another Tomcat', async () => {
    const manifest = await zip({ 'META-INF/MANIFEST.MF': 'Manifest-Version: 1.0\nSpecification-Version: 9.0\n' });
    await writeZip(join(folder, 'tomcat-9.zip'), { 'bin/bootstrap.jar': '', 'conf/web.xml': '', 'lib/catalina.jar': manifest });
    const more = { home: undefined, archive: 'tomcat-9.zip' };
    await expect(build(more)).rejects.toThrow(
      "app.libraries has redisson-tomcat-10-3.52.0.jar, and app.archive is Tomcat 9: take Redisson's jars for it, redisson-tomcat-9.",
    );
    await build({ ...more, sessionManager: 'memory' }, 'sticky');
  });

  it('contains Tomcat itself when the fleet has its archive, without Tomcat’s own applications', async () => {
    const files = { 'apache-tomcat-10.1.59/bin/bootstrap.jar': 'jar', 'apache-tomcat-10.1.59/conf/web.xml': '<web-app/>' };
    const archive = { ...files, 'apache-tomcat-10.1.59/lib/catalina.jar': 'jar', 'apache-tomcat-10.1.59/webapps/manager/index.jsp': '' };
    await writeZip(join(folder, 'tomcat.zip'), archive);
    const release = await build({ home: undefined, archive: 'tomcat.zip' });
    expect((await readdir(join(release, 'tomcat'), { recursive: true })).sort()).toEqual(
      ['bin', 'bin/bootstrap.jar', 'conf', 'conf/web.xml', 'lib', 'lib/catalina.jar'].sort(),
    );
    await expect(build({ home: undefined, archive: 'jars' })).rejects.toThrow("is not Tomcat's: it has no folder bin");
  });

  it("starts in a home of Debian's, whose web.xml is in etc, and says so when there is none", async () => {
    const home = join(folder, 'home');
    await mkdir(join(home, 'bin'), { recursive: true });
    await writeFile(join(home, 'bin/bootstrap.jar'), '');
    const release = await build({ home });
    const start = (data: string): string => {
      const env = { PATH: process.env['PATH'], PORT: '8080', HOLDFAST_DATA: join(folder, data), SESSION_STORE_HOST: 'localhost' };
      return spawnSync('python3', ['-I', 'bin/start-tomcat.py'], { cwd: release, env, encoding: 'utf8' }).stderr;
    };
    expect(start('data-none')).toContain(`holdfast: ${home} has no conf/web.xml that this user can read`);
    await mkdir(join(home, 'etc'));
    await writeFile(join(home, 'etc/web.xml'), '<web-app/>');
    start('data-debian');
    expect(await readFile(join(folder, 'data-debian/tomcat/conf/web.xml'), 'utf8')).toBe('<web-app/>');
  });
});

describe('a WAR', () => {
  const publish = (file: string, fleet: object) =>
    writeFile(join(folder, 'config.json'), JSON.stringify({ fleets: { web: { allowPlainHttp: true, ...fleet } } })).then(() =>
      withReleaseOfWar(
        { war: file, configFile: join(folder, 'config.json'), fleet: 'web', workFolder: join(folder, 'war-work') },
        async () => 'published',
      ),
    );

  it('is a file that begins as a ZIP or is named .war, and no folder', async () => {
    await writeFile(join(folder, 'text.war'), 'text');
    await writeFile(join(folder, 'a.tar.gz'), 'text');
    expect(
      await Promise.all([war, join(folder, 'text.war'), join(folder, 'a.tar.gz'), folder, join(folder, 'none.war')].map(isWar)),
    ).toEqual([true, true, false, false, false]);
  });

  it('is refused for a fleet without app, and leaves nothing behind', async () => {
    await expect(publish(war, {})).rejects.toThrow(/is a WAR, and fleet web has no "app" in .*config\.json/);
    await expect(publish(join(folder, 'text.war'), { app: INPUT })).rejects.toThrow('as a WAR: it is no ZIP archive');
    expect(await readdir(join(folder, 'war-work'))).toEqual([]);
  });

  it.each<[string, Record<string, string>, string]>([
    ['a Spring Boot jar', { 'META-INF/MANIFEST.MF': '', 'BOOT-INF/classes/': '' }, 'is an executable Spring Boot jar and not a WAR'],
    ['an EAR', { 'META-INF/application.xml': '', 'web.war': '' }, 'is an EAR'],
    ['another ZIP', { 'src/Main.java': '' }, 'has neither WEB-INF nor an index page'],
  ])('is refused when it is %s', async (_, files, message) => {
    await expect(build({}, 'redis', await writeZip(join(folder, 'other.war'), files))).rejects.toThrow(message);
  });

  it('is refused without its libraries', async () => {
    await expect(build({ libraries: 'none' })).rejects.toThrow(/Cannot read app\.libraries ".*none": it does not exist/);
    await mkdir(join(folder, 'no-jars'), { recursive: true });
    await expect(build({ libraries: 'no-jars' })).rejects.toThrow('contains no .jar');
    await writeZip(join(folder, 'no-jars/other.jar'), {});
    await expect(build({ libraries: 'no-jars' })).rejects.toThrow('has no redisson-tomcat-….jar');
    await expect(build({ libraries: 'app.txt', sessionManager: 'application' })).rejects.toThrow('Cannot read app.libraries');
  });
});
