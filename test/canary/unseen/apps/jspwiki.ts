/** JSPWiki: with users and pages in files, on a Tomcat of its own. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { freePort } from '../../../../lab/processes/free-port.ts';
import { ensureJava } from '../../../../setup/java.mjs';
import { startServer } from '../../third-party/servers.ts';
import type { Unseen } from '../unseen-app.ts';

const JAVA_OPTIONS = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx384m'];

function user([name, password]: readonly [string, string]): string {
  const salt = randomBytes(8);
  const digest = createHash('sha256').update(password).update(salt).digest();
  const hash = `{SHA-256}${Buffer.concat([digest, salt]).toString('base64')}`;
  const names = `loginName="${name}" fullName="${name}" wikiName="${name}"`;
  return `<user uid="${name}" ${names} email="${name}@example.com" password="${hash}" created="2024.01.01 at 00:00:00:000 UTC" lastModified="2024.01.01 at 00:00:00:000 UTC" lockExpiry="" />`;
}

export const jspwiki: Unseen = {
  registry: 'maven',
  packages: { 'org.apache.jspwiki:jspwiki-war': '2.11.2 war', 'com.github.jsimone:webapp-runner': '9.0.27.1' },
  cookie: 'JSESSIONID',
  async start(installed, folder, passwords) {
    const files = (await readFile(path.join(installed, 'classpath'), 'utf8')).trim().split(path.delimiter);
    const archive = files.find((file) => file.endsWith('.war')) ?? '';
    const users = path.join(folder, 'users.xml');
    await writeFile(users, `<?xml version="1.0" encoding="UTF-8"?>\n<users>${Object.entries(passwords).map(user).join('\n')}</users>\n`);
    const settings = path.join(folder, 'jspwiki.properties');
    await mkdir(path.join(folder, 'pages'));
    await writeFile(path.join(folder, 'pages/Main.txt'), 'The first page.\n');
    const places = { 'jspwiki.fileSystemProvider.pageDir': path.join(folder, 'pages'), 'jspwiki.workDir': path.join(folder, 'work') };
    const all = {
      ...places,
      'jspwiki.xmlUserDatabaseFile': users,
      'jspwiki.basicAttachmentProvider.storageDir': path.join(folder, 'files'),
    };
    await writeFile(
      settings,
      Object.entries(all)
        .map(([name, value]) => `${name} = ${value}\n`)
        .join(''),
    );
    const port = await freePort();
    const classpath = files.filter((file) => file.endsWith('.jar')).join(path.delimiter);
    const words = [`-Djspwiki.custom.config=${settings}`, `-Djava.io.tmpdir=${folder}`, '-cp', classpath, 'webapp.runner.launch.Main'];
    return [
      await startServer({
        command: [
          ensureJava().java,
          ...JAVA_OPTIONS,
          ...words,
          '--port',
          String(port),
          '--temp-directory',
          path.join(folder, 'tomcat'),
          archive,
        ],
        folder,
        port,
        path: '/Login.jsp',
        logFile: path.join(folder, 'server.log'),
      }),
    ];
  },
};
