import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeExposed, findExposedServers } from '../find-exposed-servers.ts';

let folder: string;
const servers: Server[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-exposed-'));
});
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function machine(instanceId: string, host: string): Promise<number> {
  const server = createServer((socket) => socket.destroy());
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  const etc = join(folder, 'instances', instanceId, 'opt/holdfast/etc');
  mkdirSync(etc, { recursive: true });
  writeFileSync(join(etc, 'instance.env'), `PORT="${port}"\nHOST="127.0.0.1"\n`);
  return port;
}

it.runIf(platform() === 'linux')('another machine reaches a server that ignores HOST: up reports that one', async () => {
  const port = await machine('i-open', '0.0.0.0');
  await machine('i-closed', '127.0.0.1');
  mkdirSync(join(folder, 'instances/i-unprepared'));
  const [exposed, ...more] = await findExposedServers(folder);
  expect([exposed, more]).toEqual([expect.objectContaining({ instanceId: 'i-open', port }), []]);
  expect(describeExposed(exposed as NonNullable<typeof exposed>)).toContain('listen on HOST');
});

it('finds none in a run without machines', async () => {
  expect(await findExposedServers(folder)).toEqual([]);
});
