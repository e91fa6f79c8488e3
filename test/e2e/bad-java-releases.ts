/** Releases of the examples in Java that cannot serve, as teams come to make them: the real release with one thing changed. */
import { execFile } from 'node:child_process';
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { buildTomcatRelease } from '../../cli/releases/tomcat/build-release.ts';
import { tomcatApp as appSchema } from '../../infra/config/app-kind.ts';
import { EXAMPLES } from '../../lab/demo/app/examples.ts';
import type { Build, LocalApp } from '../../lab/demo/app/local-app.ts';
import { freePort } from '../../lab/processes/free-port.ts';

const run = promisify(execFile);
/** Where the configuration of a release is, to be replaced by `app.conf`. */
const CONF = path.resolve(import.meta.dirname, '../../server/tomcat/files/conf');
const WEB_XML = path.resolve(import.meta.dirname, '../../examples/tomcat-app/webapp/WEB-INF/web.xml');
/** Byte of a class file with the version of Java that it is for: 61 is 17. */
const MAJOR_VERSION = 7;
const LATER_JAVA = 99;

export interface BadRelease {
  readonly name: string;
  readonly version: string;
  make(app: LocalApp, build: Build): Promise<string>;
  /** What the deploy's message says of the reason. */
  readonly says: readonly RegExp[];
}

interface Jdk {
  /** Runs a program of the JDK that the servers run. */
  run(name: 'jar' | 'javac', args: readonly string[], cwd?: string): Promise<unknown>;
  /** Tomcat's jar of a name. */
  tomcatJar(name: string): string;
}
type Change = (folder: string, jdk: Jdk) => Promise<void>;

const jdkOf = ({ javaHome, server }: LocalApp): Jdk => ({
  run: (name, args, cwd) => run(path.join(javaHome as string, 'bin', name), args, { timeout: 60_000, cwd }),
  tomcatJar: (name) => path.join((server.app as { home: string }).home, 'lib', name),
});

/** Files that the fleet's `app.conf` brings. */
const withConf =
  (files: (serverXml: string) => Promise<Record<string, string>>) =>
  async (app: LocalApp, build: Build): Promise<string> => {
    const conf = path.join(build.folder, 'own-conf');
    await app.build(build);
    await mkdir(conf);
    for (const [name, text] of Object.entries(await files(await readFile(path.join(CONF, 'server.xml'), 'utf8')))) {
      await writeFile(path.join(conf, name), text);
    }
    return tomcatRelease(app, build, { conf });
  };

/** A WAR with files of its own; `change` writes them to its folder. */
const withWar =
  (change: Change) =>
  async (app: LocalApp, build: Build): Promise<string> => {
    const added = path.join(build.folder, 'added');
    await app.build(build);
    await mkdir(path.join(added, 'WEB-INF', 'classes'), { recursive: true });
    const jdk = jdkOf(app);
    await change(added, jdk);
    await jdk.run('jar', ['--update', '--file', path.join(build.folder, 'app.war'), '-C', added, '.']);
    return tomcatRelease(app, build);
  };

function tomcatRelease(
  { server }: LocalApp,
  { folder }: Build,
  more: object = {},
  strategy: 'redis' | 'sticky' = 'redis',
): Promise<string> {
  const fleet = { app: { ...appSchema.parse(server.app), ...more }, port: 8080, strategy };
  return buildTomcatRelease({ war: path.join(folder, 'app.war'), fleet, folder: path.join(folder, 'bad') });
}

const withFolder =
  (change: Change) =>
  async (app: LocalApp, build: Build): Promise<string> => {
    const folder = await app.build(build);
    await change(folder, jdkOf(app));
    return folder;
  };

/** Its error has the store's password and a session's id in it, as exceptions of real applications do. */
const LISTENER = `package shop;
public class Licence implements jakarta.servlet.ServletContextListener {
  @Override public void contextInitialized(jakarta.servlet.ServletContextEvent event) {
    throw new IllegalStateException("no licence for this server, store " + System.getenv("SESSION_STORE_PASSWORD") + ", session id 9F86D081884C7D659A2FEAA0C55AD015");
  }
}
`;

/** The example with sessions in the servers' memory, and stickiness. */
export async function stickyTomcat(): Promise<LocalApp> {
  const app = (await EXAMPLES['tomcat']?.()) as LocalApp;
  return {
    ...app,
    server: { ...app.server, strategy: 'sticky' },
    async build(build) {
      await app.build(build);
      return tomcatRelease(app, build, {}, 'sticky');
    },
  };
}

export const BAD_TOMCAT: readonly BadRelease[] = [
  {
    name: 'a server.xml that does not parse',
    version: '2.0.1',
    make: withConf(async (serverXml) => ({ 'server.xml': serverXml.replace('</Service>', '') })),
    says: [/The element type "Service" must be terminated by the matching end-tag/],
  },
  {
    name: 'a WAR that does not deploy, whose listener throws',
    version: '2.0.2',
    make: withWar(async (folder, jdk) => {
      const source = path.join(path.dirname(folder), 'Licence.java');
      await writeFile(source, LISTENER);
      const webXml = await readFile(WEB_XML, 'utf8');
      const listener = '<listener><listener-class>shop.Licence</listener-class></listener>';
      await writeFile(path.join(folder, 'WEB-INF', 'web.xml'), webXml.replace('</web-app>', `${listener}</web-app>`));
      const api = jdk.tomcatJar('servlet-api.jar');
      await jdk.run('javac', ['--release', '17', '-cp', api, '-d', path.join(folder, 'WEB-INF', 'classes'), source]);
    }),
    says: [/java\.lang\.IllegalStateException: no licence for this server/, /The application did not start in Tomcat \(ROOT\)/],
  },
  {
    name: 'a WAR that answers 404 to the readiness check',
    version: '2.0.3',
    make: withWar(async (folder) => {
      const webXml = await readFile(WEB_XML, 'utf8');
      await writeFile(path.join(folder, 'WEB-INF', 'web.xml'), webXml.replace('<url-pattern>/health<', '<url-pattern>/healthy<'));
    }),
    says: [/last answer: 404 without a status: HTTP Status 404 – Not Found/, /requested: http:\/\/127\.0\.0\.1:\d+\/health\b/],
  },
  {
    name: 'a port that is hard-coded in server.xml',
    version: '2.0.4',
    make: withConf(async (serverXml) => ({ 'server.xml': serverXml.replace(`port="\${holdfast.port}"`, `port="${await freePort()}"`) })),
    says: [/Connection refused; requested: http:\/\/127\.0\.0\.1:\d+\/health; holdfast-app is active/],
  },
];

export const BAD_SPRING: readonly BadRelease[] = [
  {
    name: 'a context that lacks a bean',
    version: '2.0.1',
    make: withFolder((folder) => appendFile(path.join(folder, 'application.properties'), 'spring.session.redis.repository-type=default\n')),
    says: [/FindByIndexNameSessionRepository' that could not be found/],
  },
  {
    name: 'a class of a newer Java',
    version: '2.0.2',
    make: withFolder(async (folder, jdk) => {
      const name = 'com/example/counter/CounterApplication.class';
      const jar = path.join(folder, 'app.jar');
      const classes = path.join(path.dirname(folder), `${path.basename(folder)}-classes`);
      await mkdir(classes, { recursive: true });
      await jdk.run('jar', ['--extract', '--file', jar, name], classes);
      const content = await readFile(path.join(classes, name));
      content[MAJOR_VERSION] = LATER_JAVA;
      await writeFile(path.join(classes, name), content);
      await jdk.run('jar', ['--update', '--file', jar, '-C', classes, name]);
    }),
    says: [/UnsupportedClassVersionError/, /class file version 99\.0/],
  },
  {
    name: 'a port that is hard-coded',
    version: '2.0.3',
    make: withFolder(async (folder) => appendFile(path.join(folder, 'application.properties'), `server.port=${await freePort()}\n`)),
    says: [/Connection refused; requested: http:\/\/127\.0\.0\.1:\d+\/health; holdfast-app is active/, /Tomcat started on port \d+/],
  },
  {
    name: 'a Java that is not on the server',
    version: '2.0.4',
    make: withFolder(async (folder) => {
      const file = path.join(folder, 'holdfast.app.json');
      await writeFile(file, (await readFile(file, 'utf8')).replace('"java"', '"java-99"'));
    }),
    says: [/holdfast: 'java-99' in holdfast.app.json is not in PATH/],
  },
];
