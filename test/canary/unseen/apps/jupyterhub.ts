/** JupyterHub: its own pages, without the proxy that leads to the users' servers, of which none is started. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { freePort } from '../../../../lab/processes/free-port.ts';
import { startServer } from '../../third-party/servers.ts';
import type { Unseen } from '../unseen-app.ts';

const settings = (port: number, passwords: Readonly<Record<string, string>>): string => `
from jupyterhub.auth import Authenticator
from jupyterhub.proxy import Proxy

PASSWORDS = ${JSON.stringify(passwords)}

class Known(Authenticator):
    async def authenticate(self, handler, data):
        return data['username'] if PASSWORDS.get(data['username'], '') == data['password'] else None

class NoProxy(Proxy):
    should_start = False
    async def add_route(self, routespec, target, data): pass
    async def delete_route(self, routespec): pass
    async def get_all_routes(self): return {}

c.JupyterHub.authenticator_class = Known
c.Authenticator.allow_all = True
c.JupyterHub.proxy_class = NoProxy
c.JupyterHub.spawner_class = 'simple'
c.JupyterHub.default_url = '/hub/home'
c.JupyterHub.bind_url = 'http://127.0.0.1:${port}'
c.JupyterHub.hub_bind_url = 'http://127.0.0.1:${port}'
c.JupyterHub.db_url = 'sqlite:///hub.sqlite'
`;

export const jupyterhub: Unseen = {
  registry: 'pypi',
  packages: { jupyterhub: '5.4.3' },
  cookie: 'jupyterhub-hub-login',
  // Its cookie of a user is the same within a second.
  speed: 2,
  async start(installed, folder, passwords) {
    const port = await freePort();
    await writeFile(path.join(folder, 'jupyterhub_config.py'), settings(port, passwords));
    return [
      await startServer({
        command: [path.join(installed, 'venv/bin/python'), '-m', 'jupyterhub'],
        folder,
        port,
        path: '/hub/login',
        logFile: path.join(folder, 'server.log'),
      }),
    ];
  },
};
