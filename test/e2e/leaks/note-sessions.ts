import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { openNodeConnection } from '#local-aws/elasticache/nodes/admin-connection.ts';
import { SHORTEST } from '../../leaks/forms-of-secret.ts';
import { kept } from '../fleet.ts';
import { noteSecrets } from './noted-secrets.ts';

/** Notes the ids of the sessions that are in the stores now: the part of a key after its last colon. @returns how many */
export async function noteSessions(): Promise<number> {
  const ids = new Set<string>();
  for (const file of globSync('elasticache/*/*/server.conf', { cwd: kept.runFolder })) {
    const text = readFileSync(path.join(kept.runFolder, file), 'utf8');
    const port = /^port (\d+)$/m.exec(text)?.[1];
    // A Sentinel has none.
    const password = /^masterauth "?([^\s"]+)/m.exec(text)?.[1];
    if (port && password) for (const key of await keysAt(Number(port), password)) ids.add(key.slice(key.lastIndexOf(':') + 1));
  }
  const found = [...ids].filter((id) => id.length >= SHORTEST);
  noteSecrets(found.map((value) => ({ kind: 'session id', value })));
  return found.length;
}

/** None of a node that does not run: its replicas have the same. As the administrator of the node, since no user lists keys. */
async function keysAt(port: number, password: string): Promise<readonly string[]> {
  const node = openNodeConnection({ host: '127.0.0.1', port }, password);
  const keys: string[] = [];
  try {
    let cursor = '0';
    do {
      const [next, page] = (await node.command('SCAN', cursor, 'MATCH', '*sess*', 'COUNT', 1_000)) as [string, string[]];
      keys.push(...page);
      cursor = next;
    } while (cursor !== '0');
    return keys;
  } catch {
    return [];
  } finally {
    node.close();
  }
}
