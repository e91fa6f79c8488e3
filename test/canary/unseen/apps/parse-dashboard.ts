/** Parse Dashboard: each user has an application of their own, whose name the list of applications shows. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { freePort } from '../../../../lab/processes/free-port.ts';
import { startServer } from '../../third-party/servers.ts';
import type { Unseen } from '../unseen-app.ts';

export const parseDashboard: Unseen = {
  registry: 'npm',
  packages: { 'parse-dashboard': '9.2.0' },
  cookie: 'parse_dash',
  async start(installed, folder, passwords) {
    const names = Object.keys(passwords);
    const own = { serverURL: 'http://127.0.0.1:1/parse', masterKey: 'of-no-server' };
    const settings = {
      trustProxy: 1,
      apps: names.map((name) => ({ ...own, appId: `of-${name}`, appName: name })),
      users: names.map((name) => ({ user: name, pass: passwords[name], apps: [{ appId: `of-${name}` }] })),
    };
    const file = path.join(folder, 'settings.json');
    await writeFile(file, JSON.stringify(settings));
    const port = await freePort();
    const program = path.join(installed, 'node_modules/parse-dashboard/bin/parse-dashboard');
    return [
      await startServer({
        command: [process.execPath, program, '--config', file, '--port', String(port), '--host', '127.0.0.1'],
        folder,
        port,
        path: '/login',
        logFile: path.join(folder, 'server.log'),
      }),
    ];
  },
};
