/**
 * The inside of the store's nodes: commands that ElastiCache keeps for itself, by the administrator that only the local cloud knows.
 * Its name and password are in each node's own configuration, which nobody but the cloud's owner can read.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type AdminConnection, openNodeConnection } from '#local-aws/elasticache/nodes/admin-connection.ts';
import { CannotSet } from '../contract.ts';

export interface StoreAdmin {
  /** Name of the primary. @throws CannotSet when the group has none */
  primary(): Promise<string>;
  /** Works on one node, and closes the connection. @throws the engine's error */
  on<T>(node: string, work: (connection: AdminConnection) => Promise<T>): Promise<T>;
}

/**
 * @param folder of the group: one folder per node
 * @param members names of the nodes, the primary's first
 */
export function storeAdmin(folder: string, members: () => Promise<readonly string[]>): StoreAdmin {
  return {
    async primary() {
      const [first] = await members();
      if (first === undefined) throw new CannotSet('the store has no node; nothing was changed');
      return first;
    },
    async on(node, work) {
      const { port, password } = readLogin(readFileSync(path.join(folder, node, 'server.conf'), 'utf8'));
      const connection = openNodeConnection({ host: '127.0.0.1', port }, password);
      try {
        return await work(connection);
      } finally {
        connection.close();
      }
    },
  };
}

/**
 * The port and the administrator's password in a node's configuration file. Sentinel has the node rewrite it at a failover: Valkey then
 * writes `primaryauth`, in quotes. @throws Error without quoting it
 */
export function readLogin(configuration: string): { readonly port: number; readonly password: string } {
  const value = (name: string) => configuration.match(new RegExp(`^${name} "?([^\\s"]+)"?$`, 'm'))?.[1];
  const [port, password] = [Number(value('port')), value('(?:master|primary)auth')];
  if (!Number.isInteger(port) || password === undefined) throw new Error("the node's configuration has no port or no administrator");
  return { port, password };
}
