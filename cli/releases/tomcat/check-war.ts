import { access, readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Check, checksOf, saidOf, warning } from '../../../functions/shared/check.ts';
import { sessionManagerOf } from '../../../infra/config/app-kind.ts';
import { pagePath } from '../../../infra/own-files.ts';
import { InvalidRelease } from '../release-errors.ts';
import { sessionUpdatesOf, type TomcatFleet } from './contract-of.ts';

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

/**
 * Refuses what would only show on the first server, after its drain.
 * @param folder the WAR's content
 * @throws InvalidRelease
 */
export async function checkWar(war: string, folder: string): Promise<void> {
  const name = JSON.stringify(war);
  if (await exists(path.join(folder, 'META-INF', 'MANIFEST.MF'))) {
    if (await exists(path.join(folder, 'BOOT-INF'))) {
      throw new InvalidRelease(
        `${name} is an executable Spring Boot jar and not a WAR: publish a folder with it (${pagePath('docs/spring.md')}).`,
      );
    }
  }
  if (await exists(path.join(folder, 'META-INF', 'application.xml'))) {
    throw new InvalidRelease(`${name} is an EAR: publish the WAR in it, since Tomcat runs no EAR.`);
  }
  if (
    (await exists(path.join(folder, 'WEB-INF'))) ||
    (await exists(path.join(folder, 'index.html'))) ||
    (await exists(path.join(folder, 'index.jsp')))
  ) {
    return;
  }
  throw new InvalidRelease(
    `${name} has neither WEB-INF nor an index page at its root, so it is not a web application: publish the .war that your build made.`,
  );
}

const OWN_MANAGER = /<Manager[\s/>]/;
/** One of another class than Tomcat's own, which keeps sessions in memory. */
const OTHER_MANAGER = /<Manager\s[^>]*\bclassName\s*=\s*["'](?!org\.apache\.catalina\.session\.StandardManager["'])/;
/** With it, Tomcat reads no other context.xml. */
const OVERRIDE = /<Context\s[^>]*\boverride\s*=\s*["']true["']/;
/** What Tomcat reads of the application's own context: the second, where it is there, in the place of the first. */
const OWN_CONTEXTS = [
  ['META-INF/context.xml', 'webapps/ROOT/META-INF/context.xml'],
  ['Catalina/localhost/ROOT.xml in app.conf', 'conf/Catalina/localhost/ROOT.xml'],
  ['Catalina/localhost/context.xml.default in app.conf', 'conf/Catalina/localhost/context.xml.default'],
] as const;
const REDISSON_MANAGER = /<Manager\s[^>]*["'](?:org\.redisson\.tomcat\.|holdfast\.StoredSessions["'])[^>]*>/;
/** Redisson's own default is REDIS. */
const READS_MEMORY = /\sreadMode\s*=\s*["']MEMORY["']/;

/**
 * Refuses a release in which a file takes the place of Redisson's manager: Tomcat would start, every check would pass, and sessions would
 * be in the memory of one server.
 * @param folder the release, with the WAR's content and its configuration
 * @throws InvalidRelease
 */
export async function checkManager(war: string, folder: string): Promise<void> {
  const checked = { war, folder, whose: "Redisson's", or: ', or set app.sessionManager to "application" or "memory"' };
  await checkOwnManagers(checked);
  for (const [name, file] of OWN_CONTEXTS) {
    if (OVERRIDE.test(await textOf(path.join(folder, file))))
      throw new InvalidRelease(
        `${nameOf(name, war)} has override="true", with which Tomcat leaves out Redisson's <Manager>, ${CONSEQUENCE}: remove the attribute${checked.or}.`,
      );
  }
  const [manager] = REDISSON_MANAGER.exec(await textOf(path.join(folder, 'conf', 'context.xml'))) ?? [];
  if (manager === undefined) {
    throw new InvalidRelease(
      "context.xml in app.conf has no Redisson manager, so sessions would stay in the memory of one server: add the <Manager> of server/tomcat/files/managers/redisson.xml, or put your resources into the WAR's META-INF/context.xml.",
    );
  }
  if (READS_MEMORY.test(manager)) {
    throw new InvalidRelease(
      'context.xml in app.conf has a Redisson manager with readMode="MEMORY", so that each server would go on with its own copy of a session while another one changes it, and clicks and log-ins would be lost: set readMode="REDIS".',
    );
  }
}

const CONSEQUENCE = 'so that sessions stay in the memory of one server';
const nameOf = (name: string, war: string): string => (name.includes('app.conf') ? name : `${name} in ${JSON.stringify(war)}`);

/**
 * Refuses a context of the application's own whose manager would replace the release's.
 * @param checked `whose` manager it is, and what the user can do as well
 * @throws InvalidRelease
 */
export async function checkOwnManagers(checked: {
  readonly war: string;
  readonly folder: string;
  readonly whose: string;
  readonly or: string;
}): Promise<void> {
  for (const [name, file] of OWN_CONTEXTS) {
    if (OWN_MANAGER.test(await textOf(path.join(checked.folder, file)))) {
      throw new InvalidRelease(
        `${nameOf(name, checked.war)} has a <Manager>, which would replace ${checked.whose}, ${CONSEQUENCE}: remove it from that file${checked.or}.`,
      );
    }
  }
}

const WRITES_AFTER_REQUEST = /(?=.*\sclassName\s*=\s*["']holdfast\.StoredSessions["'])(?=.*\ssessionUpdates\s*=\s*["']afterRequest["'])/s;
const COOKIE_MODE = /<(?:[\w.-]+:)?tracking-mode\s*>\s*COOKIE\s*<\//;
const URL_MODE = /<(?:[\w.-]+:)?tracking-mode\s*>\s*URL\s*<\//;

/** A release that was made of a WAR: files without their comments, empty where there are none. */
export interface WarFacts {
  readonly fleet: TomcatFleet;
  readonly webXml: string;
  readonly contextXml: string;
  /** The application's own, one behind the other. */
  readonly ownContexts: string;
  readonly serverXml: string;
}

const check = checksOf<WarFacts>('publish');

const writesAfterRequest = (fleet: TomcatFleet): boolean =>
  sessionManagerOf(fleet) === 'redisson' && sessionUpdatesOf(fleet) === 'afterRequest';

/** What is not refused, and loses changes or shows session ids. */
export const WAR_CHECKS: readonly Check<WarFacts>[] = [
  /**
   * Tomcat's own modes are the cookie and the URL: until a browser has shown that it has the cookie, each link has the session's id.
   * @see https://tomcat.apache.org/tomcat-10.1-doc/config/context.html
   */
  check('session-ids-in-urls', ['webXml'], {
    what: 'a web.xml that does not leave the cookie alone, whatever the strategy is',
    judge: ({ webXml }) =>
      COOKIE_MODE.test(webXml) && !URL_MODE.test(webXml)
        ? undefined
        : warning(
            'WEB-INF/web.xml allows session ids in links (;jsessionid=), where they reach logs, search engines and anyone who gets the link, with any strategy: set <session-config><tracking-mode>COOKIE</tracking-mode></session-config> in it, unless the application does so by program',
          ),
  }),
  // An application that keeps its sessions itself, as with Spring Session, has none either.
  check('session-manager', ['fleet', 'contextXml', 'ownContexts'], {
    what: 'a WAR that keeps its own manager of sessions, and has none in a context.xml',
    judge: ({ fleet, contextXml, ownContexts }) =>
      fleet.strategy !== 'redis' || fleet.app.sessionManager !== 'application' || OTHER_MANAGER.test(contextXml + ownContexts)
        ? undefined
        : warning(
            'app.sessionManager is "application", and neither META-INF/context.xml of the WAR nor context.xml in app.conf has a <Manager>, so that sessions are in the memory of one server unless the application keeps them in the store itself, as with Spring Session: copy the <Manager> of the servers\' conf/context.xml, which no release has, into app.conf',
          ),
  }),
  check('session-updates', ['fleet', 'contextXml'], {
    what: 'a context.xml of app.conf that leaves out the session updates that the fleet asks for',
    judge({ fleet, contextXml }) {
      const [manager = ''] = REDISSON_MANAGER.exec(contextXml) ?? [];
      if (!writesAfterRequest(fleet) || WRITES_AFTER_REQUEST.test(manager)) return undefined;
      const asks = fleet.app.sessionUpdates === undefined ? 'the fleet has stickiness' : 'app.sessionUpdates is "afterRequest"';
      return warning(
        `context.xml in app.conf has a Redisson manager that does not write what a request changes in an object of the session, although ${asks}: set className="holdfast.StoredSessions" and sessionUpdates="afterRequest" there, as server/tomcat/files/managers/redisson.xml has them, or app.sessionUpdates to "atOnce"`,
      );
    },
  }),
  // The end of an asynchronous request is seen by Tomcat's access logging alone, and so by the valve that is one.
  check('asynchronous-session-updates', ['fleet', 'serverXml'], {
    what: 'a server.xml of app.conf without the valve that sees the end of asynchronous requests',
    judge: ({ fleet, serverXml }) =>
      !writesAfterRequest(fleet) || serverXml.includes('"holdfast.SessionRouteValve"')
        ? undefined
        : warning(
            'server.xml in app.conf has no holdfast.SessionRouteValve, so that what an asynchronous request changes in an object of the session after its first return is not written, and requests are not counted: add it to the Engine, as server/tomcat/files/conf/server.xml has it',
          ),
  }),
];

/** @param folder the release, with the WAR's content and its configuration */
export async function releaseWarnings(folder: string, fleet: TomcatFleet): Promise<readonly string[]> {
  const names = ['webapps/ROOT/WEB-INF/web.xml', 'conf/context.xml', 'conf/server.xml', ...OWN_CONTEXTS.map(([, file]) => file)];
  const [webXml = '', contextXml = '', serverXml = '', ...own] = await Promise.all(names.map((file) => textOf(path.join(folder, file))));
  return saidOf(WAR_CHECKS, 'publish', { fleet, webXml, contextXml, ownContexts: own.join(''), serverXml }).map(
    ({ sentence }) => `warning: ${sentence}`,
  );
}

/** An XML file without its comments; empty if there is none. */
export const textOf = (file: string): Promise<string> =>
  readFile(file, 'utf8').then(
    (text) => text.replace(/<!--[\s\S]*?-->/g, ''),
    () => '',
  );
