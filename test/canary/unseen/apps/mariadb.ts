/** MariaDB of Debian's package, unpacked: a database that only this machine reaches. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '../../../../lab/processes/free-port.ts';
import type { Server } from '../../third-party/servers.ts';
import { startCommand } from '../../third-party/servers.ts';
import { librariesOf } from './place-packages.ts';

const INSTALL_MS = 120_000;
const START_MS = 60_000;

/** @param root of the packages @param statements run at the start */
export async function startMariadb(root: string, folder: string, statements: readonly string[]): Promise<Server> {
  const data = path.join(folder, 'mariadb');
  const environment = { PATH: `${path.join(root, 'usr/bin')}:${process.env['PATH']}`, LD_LIBRARY_PATH: librariesOf(root) };
  const { username } = userInfo();
  const options = ['--no-defaults', `--basedir=${path.join(root, 'usr')}`, `--datadir=${data}`, `--user=${username}`];
  const messages = `--lc-messages-dir=${path.join(root, 'usr/share/mysql')}`;
  const install = path.join(root, 'usr/bin/mariadb-install-db');
  await promisify(execFile)(install, [...options, messages, '--auth-root-authentication-method=normal', '--skip-test-db'], {
    timeout: INSTALL_MS,
    env: environment,
  });
  const initial = path.join(folder, 'initial.sql');
  await writeFile(initial, `${statements.join(';\n')};\n`);
  const port = await freePort();
  const socket = path.join(folder, 'm.sock');
  const files = [`--init-file=${initial}`, `--socket=${socket}`, `--pid-file=${path.join(folder, 'm.pid')}`];
  const server = startCommand({
    command: [path.join(root, 'usr/sbin/mariadbd'), ...options, messages, ...files, `--port=${port}`, '--bind-address=127.0.0.1'],
    folder,
    logFile: path.join(folder, 'mariadb.log'),
    environment,
  });
  const ping = [...['--no-defaults', '-h127.0.0.1', `-P${port}`, '-uroot'], 'ping'];
  for (const untilMs = Date.now() + START_MS; Date.now() < untilMs; await sleep(200))
    if (
      await promisify(execFile)(path.join(root, 'usr/bin/mariadb-admin'), ping, { env: environment }).then(
        () => true,
        () => false,
      )
    )
      return { port, stop: server.stop };
  await server.stop();
  throw new Error(`MariaDB was not up within ${START_MS / 1_000} s`);
}
