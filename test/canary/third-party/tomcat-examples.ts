/** Tomcat's own examples, from the archive that its distribution is: with users, other ports and nothing else changed. */
import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../../lab/processes/free-port.ts';
import { ensureJava, ensureMavenOutput } from '../../../setup/java.mjs';
import { type Server, startServer, startTwo } from './servers.ts';

const UNPACK_MS = 60_000;
/** They start sooner, and take less memory. */
const JAVA_OPTIONS = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx192m', '-Djava.security.egd=file:/dev/./urandom'];

/** @param passwords by name */
export async function startTomcatExamples(folder: string, passwords: Readonly<Record<string, string>>): Promise<readonly Server[]> {
  const { home } = ensureJava();
  const archive = path.join(await ensureMavenOutput('tomcat-app'), 'tomcat.tar.gz');
  const users = Object.entries(passwords).map(([name, password]) => `<user username="${name}" password="${password}" roles="tomcat"/>`);
  return startTwo(async (number) => {
    const base = path.join(folder, `tomcat-${number}`);
    await mkdir(base);
    await promisify(execFile)('tar', ['-xzf', archive, '-C', base, '--strip-components=1'], { timeout: UNPACK_MS });
    // The other applications of the distribution start with it, and are not asked for anything.
    for (const other of ['docs', 'manager', 'host-manager', 'ROOT']) await rm(path.join(base, 'webapps', other), { recursive: true });
    await writeFile(
      path.join(base, 'conf/tomcat-users.xml'),
      `<tomcat-users xmlns="http://tomcat.apache.org/xml" version="1.0"><role rolename="tomcat"/>${users.join('')}</tomcat-users>\n`,
    );
    const port = await freePort();
    const file = path.join(base, 'conf/server.xml');
    const xml = await readFile(file, 'utf8');
    const changed = xml
      .replace('port="8005"', 'port="-1"')
      .replace('<Connector port="8080"', `<Connector address="127.0.0.1" port="${port}"`);
    if (!changed.includes(`port="${port}"`)) throw new Error('conf/server.xml of Tomcat has no connector at port 8080');
    await writeFile(file, changed);
    const jars = ['bootstrap.jar', 'tomcat-juli.jar'].map((jar) => path.join(base, 'bin', jar)).join(path.delimiter);
    const properties = [`-Dcatalina.home=${base}`, `-Dcatalina.base=${base}`, `-Djava.io.tmpdir=${path.join(base, 'temp')}`];
    return startServer({
      command: [path.join(home, 'bin/java'), ...JAVA_OPTIONS, ...properties, '-cp', jars, 'org.apache.catalina.startup.Bootstrap', 'start'],
      folder: base,
      port,
      path: '/examples/jsp/security/protected/index.jsp',
      logFile: path.join(folder, `tomcat-${number}.log`),
    });
  });
}
