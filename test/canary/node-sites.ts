/** The Node examples as sites: two servers with one store, behind a front with HTTPS. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCertificateAuthority } from '../../local/aws/tls/authority.ts';
import { type Process, startApp, startStore } from '../examples/processes.ts';
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
  const processes: Process[] = [store];
  const fronts: Front[] = [];
  const servers = new Map<string, Promise<readonly number[]>>();

  async function start(example: Example, settings: Record<string, string>): Promise<readonly number[]> {
    const release = join(folder, `${example}-${servers.size}`);
    execFileSync(process.execPath, [`examples/${example}/build.mjs`, '--version', '1.0.0', '--out', release]);
    const environment = { SESSION_STORE_KEY_PREFIX: `sess:${example}:`, HOLDFAST_DATA: '', ...settings };
    const both = await Promise.all([1, 2].map(() => startApp(release, store.port, undefined, undefined, environment)));
    processes.push(...both);
    return both.map(({ port }) => port);
  }

  return {
    ca: caPem,
    async front(example, { plant, settings = {} } = {}) {
      const key = JSON.stringify([example, settings]);
      const starting = servers.get(key) ?? start(example, settings);
      servers.set(key, starting);
      const front = await startFront({
        ...leaf,
        targets: await starting,
        cookie: COOKIES[example],
        passwords: USERS,
        ...(plant && { plant }),
      });
      fronts.push(front);
      return front;
    },
    async stop() {
      await Promise.all(fronts.map((front) => front.stop()));
      await Promise.all(processes.map((process) => process.stop('SIGKILL')));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
