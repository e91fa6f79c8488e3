/** An application that is installed and started, with HTTPS in front. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createCertificateAuthority } from '#local-aws/tls/authority.ts';
import { USERS } from '../recipes.ts';
import { startProxy } from '../third-party/proxy.ts';
import type { Server } from '../third-party/servers.ts';
import { installUnseen, UNSEEN, type UnseenName } from './apps.ts';
import type { Unseen } from './unseen-app.ts';

export type Site = Awaited<ReturnType<typeof startProxy>> & { readonly caPem: string };

export async function withUnseen<Result>(name: UnseenName, use: (site: Site) => Promise<Result>): Promise<Result> {
  const installed = await installUnseen(name);
  const app: Unseen = UNSEEN[name];
  const folder = await mkdtemp(path.join(tmpdir(), `unseen-${name}-`));
  let servers: readonly Server[] = [];
  try {
    const { caPem, issue } = await createCertificateAuthority(folder);
    servers = await app.start(installed, folder, USERS);
    const ports = servers.slice(0, 1).map(({ port }) => port);
    const proxy = await startProxy(await issue(['localhost']), ports, app.cookie);
    try {
      return await use({ ...proxy, caPem });
    } finally {
      await proxy.stop();
    }
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
    if (process.env['KEEP_UNSEEN'] === undefined) await rm(folder, { recursive: true, force: true });
  }
}
