/** The server.xml of a Tomcat cluster, as docs/tomcat-cluster.md has it, for servers that share this machine's address. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buildTomcatRelease } from '../../../cli/releases/tomcat/publish-war.ts';
import { freePort, portOrFree } from '../../processes/free-port.ts';

const CLUSTER = path.join(import.meta.dirname, 'cluster.xml');
/** The cluster is the main engine's, behind its first listener. */
const PLACE = '<Listener className="holdfast.DeployGuard"/>\n';

export interface Cluster {
  /** Each server takes the first port that is free, of as many in a row as there are servers. */
  readonly firstPort: number;
  readonly servers: number;
  /** In hexadecimal digits, or the variable that has it. */
  readonly key: string;
}

type Release = Pick<Parameters<typeof buildTomcatRelease>[0], 'war' | 'fleet'>;

/** @returns the first of `count` free ports in a row */
export async function freeRow(count: number): Promise<number> {
  const first = await freePort();
  const rest = Array.from({ length: count - 1 }, (_, index) => portOrFree(first + 1 + index, 'a port of the cluster'));
  const isFree = (await Promise.allSettled(rest)).every(({ status }) => status === 'fulfilled');
  return isFree ? first : freeRow(count);
}

/** @param folder for `app.conf`: its server.xml is that of a release without a cluster, with the cluster in it */
export async function withCluster({ war, fleet }: Release, { firstPort, servers, key }: Cluster, folder: string): Promise<Release> {
  const plain = await buildTomcatRelease({ war, fleet: { ...fleet, strategy: 'sticky' }, folder: path.join(folder, 'plain') });
  const serverXml = await readFile(path.join(plain, 'conf/server.xml'), 'utf8');
  const example = await readFile(CLUSTER, 'utf8');
  const [, member = ''] = /(<Member .*)\n/.exec(example) ?? [];
  const members = Array.from({ length: servers }, (_, index) =>
    member.replace(/host="[^"]*" port="[^"]*"/, `host="127.0.0.1" port="${firstPort + index}"`),
  );
  const cluster = example
    .replace(/<Member .*\n\s*<Member .*/, members.join('\n'))
    .replace('address="auto" port="4000" autoBind="0"', `address="127.0.0.1" port="${firstPort}" autoBind="${servers}"`)
    // A function, since a text could have a pattern of replacements in it.
    .replace(/\$\{CLUSTER_KEY\}/, () => key);
  const conf = path.join(folder, 'conf');
  await mkdir(conf, { recursive: true });
  await writeFile(
    path.join(conf, 'server.xml'),
    serverXml.replace(PLACE, () => PLACE + cluster),
  );
  return { war, fleet: { ...fleet, app: { ...fleet.app, conf } } };
}
