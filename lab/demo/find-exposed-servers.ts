/** Finds servers of the local cloud that other machines can reach: their application does not listen on HOST. */
import { readdir, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { networkInterfaces, platform } from 'node:os';
import { join } from 'node:path';

export interface ExposedServer {
  readonly instanceId: string;
  readonly port: number;
  /** Where it answers, other than at 127.0.0.1. */
  readonly address: string;
}

/** A connection on this machine is accepted or refused at once; a firewall may answer neither. */
const CONNECT_MS = 500;

/** @param runFolder folder of the run, with the machines' folders */
export async function findExposedServers(runFolder: string, addresses = otherAddresses()): Promise<readonly ExposedServer[]> {
  const machines = join(runFolder, 'instances');
  const ids = await readdir(machines).catch(() => []);
  const found = await Promise.all(
    ids.map(async (instanceId) => {
      const text = await readFile(join(machines, instanceId, 'opt/holdfast/etc/instance.env'), 'utf8').catch(() => '');
      const port = Number(/^PORT="([0-9]+)"$/m.exec(text)?.[1]);
      if (!Number.isInteger(port)) return [];
      const answers = await Promise.all(addresses.map(async (address) => ((await accepts(address, port)) ? [address] : [])));
      return answers
        .flat()
        .slice(0, 1)
        .map((address) => ({ instanceId, port, address }));
    }),
  );
  return found.flat();
}

export const describeExposed = ({ instanceId, port, address }: ExposedServer): string =>
  `warning: the server on ${instanceId} also answers at ${address}:${port}, so that other machines may reach it without the load balancer. It was left running. Let the application listen on HOST, which is 127.0.0.1 here (docs/app-contract.md)`;

/** Addresses of this machine at which a server that listens on 127.0.0.1 alone does not answer. */
function otherAddresses(): string[] {
  const external = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .filter(({ internal, address }) => !internal && !address.startsWith('fe80:'))
    .map(({ address }) => address);
  // Linux has all of 127.0.0.0/8, without a network too.
  return platform() === 'linux' ? [...external, '127.0.0.2'] : external;
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (accepted: boolean): void => {
      socket.destroy();
      resolve(accepted);
    };
    socket.setTimeout(CONNECT_MS, () => end(false));
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}
