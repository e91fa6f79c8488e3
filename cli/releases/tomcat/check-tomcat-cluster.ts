import path from 'node:path';
import { InvalidRelease } from '../release-errors.ts';
import { tomcatVersionOf } from './check-versions.ts';
import { checkOwnContexts, textOf } from './check-war.ts';

/** The element that marks an application as distributable, which can have a namespace's prefix, an id and blanks in it. */
const DISTRIBUTABLE = /<([\w.-]+:)?distributable(\s[^>]*)?(\/>|>\s*<\/)/;

const PARTS = ['StaticMembershipService', 'holdfast.ClusterKey', 'holdfast.SessionCopies'] as const;

/** The first Tomcat of each branch that drops a message which it cannot decrypt. @see https://www.cve.org/CVERecord?id=CVE-2026-34486 */
const DROPS_UNREADABLE = ['9.0.117', '10.1.54', '11.0.21'] as const;
/** The first Tomcat of each branch that drops a message which it has had before. @see https://tomcat.apache.org/migration-10.1.html */
const DROPS_REPEATED = ['9.0.119', '10.1.56', '11.0.23'] as const;

const numbersOf = (version: string): readonly number[] => version.split('.').map(Number);
const patchOf = (version: string): number => numbersOf(version)[2] ?? 0;

/**
 * The first of each branch that does both. A branch that is not listed has no such version, or is not known.
 */
export const LEAST_TOMCATS: readonly string[] = DROPS_REPEATED.map((repeated, branch) => {
  const unreadable = DROPS_UNREADABLE[branch] ?? repeated;
  return patchOf(unreadable) > patchOf(repeated) ? unreadable : repeated;
});

/** Whether a Tomcat's messages are safe from those who have no key. */
export function canJoinCluster(version: string): boolean {
  const [major, minor, patch = 0] = numbersOf(version);
  return LEAST_TOMCATS.some((least) => {
    const [leastMajor, leastMinor, leastPatch = 0] = numbersOf(least);
    return major === leastMajor && minor === leastMinor && patch >= leastPatch;
  });
}

/** Checks the version of `app.archive`. For a fleet with `app.home` instead, tomcat_cluster.py checks the same when a server starts. */
async function checkTomcat(home: string): Promise<void> {
  const version = await tomcatVersionOf(home);
  if (version !== undefined && canJoinCluster(version)) return;
  const what = version === undefined ? 'does not show its version in lib/catalina.jar' : `is Tomcat ${version}`;
  throw new InvalidRelease(
    `app.archive ${what}, and a cluster needs ${LEAST_TOMCATS.join(', ')} or a later one of these branches: others pass on messages that they cannot decrypt, or that somebody has recorded and sends again.`,
  );
}

/**
 * Refuses a release of a cluster's fleet whose Tomcat would start but copy no session to the other servers, and one whose Tomcat would
 * accept messages from anybody.
 *
 * @param folder the release, with the WAR's content and its configuration
 * @param hasTomcat whether Tomcat itself is in it
 * @throws InvalidRelease
 */
export async function checkCluster(war: string, folder: string, hasTomcat: boolean): Promise<void> {
  const read = (file: string) => textOf(path.join(folder, file));
  const name = JSON.stringify(war);
  if (hasTomcat) await checkTomcat(path.join(folder, 'tomcat'));
  if (!DISTRIBUTABLE.test(await read('webapps/ROOT/WEB-INF/web.xml')))
    throw new InvalidRelease(
      `WEB-INF/web.xml in ${name} has no <distributable/>, without which Tomcat copies no session to other servers: add it, and make each class in the session Serializable with a serialVersionUID.`,
    );
  await checkOwnContexts({ war, folder, whose: "the cluster's", or: '' });
  if (!(await read('conf/context.xml')).includes('"holdfast.CopiedSessions"'))
    throw new InvalidRelease(
      'context.xml in app.conf has no holdfast.CopiedSessions manager, so sessions would stay in the memory of one server: add the <Manager> of server/tomcat/files/managers/cluster.xml.',
    );
  const serverXml = await read('conf/server.xml');
  const missing = PARTS.filter((part) => !serverXml.includes(part));
  if (missing.length > 0)
    throw new InvalidRelease(
      `server.xml in app.conf has no ${missing.join(', ')}, and the fleet is a Tomcat cluster: leave server.xml out, or take the <Cluster> and the listener from a release that was made without it.`,
    );
}
