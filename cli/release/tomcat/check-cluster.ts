import path from 'node:path';
import { InvalidRelease } from '../release-errors.ts';
import { textOf } from './check-war.ts';

const PARTS = ['StaticMembershipService', 'holdfast.ClusterKey', 'holdfast.SessionCopies'] as const;

/**
 * Refuses a release whose sessions no other server would have, though its fleet is a cluster: Tomcat would start, and copy nothing.
 *
 * @param folder the release, with the WAR's content and its configuration
 * @throws InvalidRelease
 */
export async function checkCluster(war: string, folder: string): Promise<void> {
  const read = (file: string) => textOf(path.join(folder, file));
  const name = JSON.stringify(war);
  if (!/<distributable\s*(\/>|><\/distributable>)/.test(await read('webapps/ROOT/WEB-INF/web.xml')))
    throw new InvalidRelease(
      `WEB-INF/web.xml in ${name} has no <distributable/>, without which Tomcat copies no session to other servers: add it, and make each class in the session Serializable with a serialVersionUID.`,
    );
  if (/<Manager[\s/>]/.test(await read('webapps/ROOT/META-INF/context.xml')))
    throw new InvalidRelease(
      `META-INF/context.xml in ${name} has a <Manager>, which would replace the cluster's, so that sessions stay in the memory of one server: remove it from that file.`,
    );
  if (!(await read('conf/context.xml')).includes('"holdfast.CopiedSessions"'))
    throw new InvalidRelease(
      'context.xml in app.conf has no holdfast.CopiedSessions manager, so sessions would stay in the memory of one server: add the <Manager> of cli/release/tomcat/files/managers/cluster.xml.',
    );
  const serverXml = await read('conf/server.xml');
  const missing = PARTS.filter((part) => !serverXml.includes(part));
  if (missing.length > 0)
    throw new InvalidRelease(
      `server.xml in app.conf has no ${missing.join(', ')}, and the fleet is a Tomcat cluster: leave server.xml out, or take the <Cluster> and the listener from a release that was made without it.`,
    );
}
