import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import type { Cloud } from '../../../cli/cloud.ts';
import { publishApp } from '../publish-app.ts';

const CONTRACT = { start: ['node', 'server.mjs'], port: 8080, health: { loadBalancer: '/live', ready: '/ready' } };

it('connections of a release that is refused are closed', async () => {
  const runFolder = mkdtempSync(path.join(tmpdir(), 'holdfast-publish-'));
  const server = createServer((_request, response) =>
    response.end(JSON.stringify({ result: 'refused', error: 'NotAllowed', message: 'no' })),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const httpAgent = new Agent({ keepAlive: true });
  const cloud = {
    client: {
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      requestHandler: { httpAgent },
    },
    installation: 'holdfast',
    fleet: 'web',
    region: 'eu-west-1',
    local: true,
    account: '000000000000',
  } as unknown as Cloud;
  const build = async ({ folder }: { folder: string }) => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'holdfast.app.json'), JSON.stringify(CONTRACT));
    return folder;
  };
  try {
    const publish = publishApp({ cloud, app: { build }, version: '1.0.0', runFolder, signal: new AbortController().signal });
    await expect(publish).rejects.toMatchObject({ name: 'NotAllowed' });
    expect(
      Object.values(httpAgent.freeSockets)
        .flatMap((sockets) => sockets ?? [])
        .filter(({ destroyed }) => !destroyed),
    ).toEqual([]);
  } finally {
    httpAgent.destroy();
    server.close();
    rmSync(runFolder, { recursive: true });
  }
});
