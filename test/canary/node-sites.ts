/** The Node examples as sites: two servers in this process, with one store, behind a front with HTTPS. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCertificateAuthority } from '#local-aws/tls/authority.ts';
import * as hardened from '../../examples/hardened-node-app/app.mjs';
import * as hardenedSettings from '../../examples/hardened-node-app/settings.mjs';
import * as plain from '../../examples/node-app/app.mjs';
import * as plainSettings from '../../examples/node-app/settings.mjs';
import { startStore } from '../examples/processes.ts';
import { type Served, startHere } from '../examples/start-here.ts';
import { COOKIES, type Example, type Sites } from './examine.ts';
import { type Front, type FrontOptions, startFront } from './front.ts';
import { USERS } from './recipes.ts';

export interface NodeSites extends Sites {
  /** Starts a front over both servers of the example, which are started once for each set of settings. */
  front(example: Example, options?: Pick<FrontOptions, 'plant'> & { settings?: Record<string, string> }): Promise<Front>;
  stop(): Promise<void>;
}

export async function startNodeSites(): Promise<NodeSites> {
  const folder = await mkdtemp(join(tmpdir(), 'canary-'));
  const { caPem, issue } = await createCertificateAuthority(folder);
  const leaf = await issue(['localhost']);
  const store = await startStore();
  const served: Served[] = [];
  const fronts: Front[] = [];
  const servers = new Map<string, Promise<readonly number[]>>();

  async function start(example: Example, settings: Record<string, string>): Promise<readonly number[]> {
    const environment = { SESSION_STORE_PORT: `${store.port}`, SESSION_STORE_KEY_PREFIX: `sess:${example}:`, ...settings };
    const app = example === 'node-app' ? { ...plain, ...plainSettings } : { ...hardened, ...hardenedSettings };
    const both = await Promise.all([1, 2].map(() => startHere(app, environment)));
    served.push(...both);
    return both.map(({ port }) => port);
  }

  return {
    ca: caPem,
    async front(example, { settings = {}, ...more } = {}) {
      const key = JSON.stringify([example, settings]);
      const starting = servers.get(key) ?? start(example, settings);
      servers.set(key, starting);
      const front = await startFront({
        ...leaf,
        targets: await starting,
        cookie: COOKIES[example],
        passwords: USERS,
        ...more,
      });
      fronts.push(front);
      return front;
    },
    async stop() {
      await Promise.all(fronts.map((front) => front.stop()));
      await Promise.all(served.map((app) => app.stop()));
      await store.stop('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
