/** A page on loopback that says where everything is, and how to go on. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { replicationGroupId } from '../functions/shared/naming.ts';
import type { CloudState } from './cloud-state.ts';
import type { LocalService } from './gateway/service.ts';
import { NOT_EMULATED as IAM_NOT_EMULATED } from './iam/not-emulated.ts';
import { renderPage, type ShownListener, type ShownMachine, type ShownNode } from './render-page.ts';

export interface PageOptions {
  /** 0 takes a free one. */
  readonly port: number;
  /** Needed by requests that change something. */
  readonly token: string;
  readonly cloud: ShownCloud;
  readonly state: () => CloudState;
}

/** What the page shows of a local cloud. */
export interface ShownCloud {
  readonly elbv2: { listeners(): readonly ShownListener[] };
  readonly instances: { describe(): readonly ShownMachine[] };
  readonly elastiCache: { nodes(groupId: string): readonly ShownNode[] };
  readonly services: readonly Pick<LocalService, 'title' | 'signingNames' | 'notEmulated'>[];
}

export async function startPage(options: PageOptions): Promise<{ readonly url: string; close(): Promise<void> }> {
  const { cloud } = options;
  const server = http.createServer((request, response) => {
    // A page elsewhere must not reach this one under a name of its own.
    const host = request.headers.host?.replace(/:\d+$/, '');
    if (host !== '127.0.0.1' && host !== 'localhost') return void response.writeHead(421).end();
    if (request.method !== 'GET' || request.url !== '/')
      return void response.writeHead(404, { 'content-type': 'text/plain' }).end('only / is here\n');
    const { token: _, ...state } = options.state();
    const body = renderPage({
      state,
      listeners: cloud.elbv2.listeners(),
      machines: cloud.instances.describe(),
      storeNodes: storeNodes(cloud, state.installation),
      notEmulated: [
        ...cloud.services.map((service) => ({
          name: service.title ?? service.signingNames.join(', '),
          lines: service.notEmulated,
        })),
        { name: 'iam', lines: IAM_NOT_EMULATED },
      ],
    });
    response
      .writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      })
      .end(body);
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(options.port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** None before the stacks are deployed. */
function storeNodes(cloud: ShownCloud, installation: string): readonly ShownNode[] {
  try {
    return cloud.elastiCache.nodes(replicationGroupId(installation));
  } catch {
    return [];
  }
}
