import { join } from 'node:path';
import { aclRules } from './access-control.ts';
import type { CacheNode, NodeSettings } from './cache-node.ts';
import { clientAccess } from './group-access.ts';
import type { GroupSpec } from './group-spec.ts';
import { maxMemoryBytes } from './node-types.ts';
import { engineSettings, parameterDefinitions, parameterValue } from './parameter-catalog.ts';
import { INNER_ADMIN } from './server-config.ts';
import type { ElastiCacheState } from './state.ts';

/** Needs a restart of the node, so it is left for the next one. */
const LATE_PARAMETERS = new Set(
  parameterDefinitions()
    .filter((definition) => !definition.immediate)
    .map((definition) => definition.name),
);

/** What the nodes of a group are to be started with now. */
export function nodeSettings(state: ElastiCacheState, spec: GroupSpec, adminPassword: string): NodeSettings {
  const { serverBinary, folder, maxNodeMemoryBytes } = state.options;
  const values = state.parameterGroups.get(spec.parameterGroupName)?.values ?? {};
  return {
    binary: serverBinary,
    pidFolder: join(folder, 'pids'),
    adminPassword,
    aclRules: aclRules(clientAccess(state, spec)),
    engineSettings: engineSettings(values),
    maxMemoryBytes: maxMemoryBytes(spec.nodeType, Number(parameterValue(values, 'reserved-memory-percent')), maxNodeMemoryBytes),
    keepsSnapshots: spec.snapshotRetentionLimit > 0,
  };
}

/**
 * Makes a running node's users those that may log in now. The connections of users that are gone are closed.
 *
 * @throws Error with the server's words when it does not know a rule
 */
export async function applyAccess(node: CacheNode, settings: NodeSettings): Promise<void> {
  for (const [userName, rules] of settings.aclRules) await node.command('ACL', 'SETUSER', userName, ...rules);
  const present = (await node.command('ACL', 'USERS')) as string[];
  const gone = present.filter((userName) => userName !== INNER_ADMIN && !settings.aclRules.has(userName));
  if (gone.length > 0) await node.command('ACL', 'DELUSER', ...gone);
}

/**
 * Gives a running node the parameters that need no restart.
 *
 * @param reset names of parameters that have their default again
 */
export async function applyParameters(node: CacheNode, settings: NodeSettings, reset: readonly string[]): Promise<void> {
  const defaults = parameterDefinitions().filter(({ name, engineKnows }) => engineKnows && reset.includes(name));
  const wanted = {
    ...Object.fromEntries(defaults.map(({ name, defaultValue }) => [name, defaultValue])),
    ...settings.engineSettings,
    maxmemory: String(settings.maxMemoryBytes),
  };
  const changes = Object.entries(wanted).filter(([name]) => !LATE_PARAMETERS.has(name));
  await node.command('CONFIG', 'SET', ...changes.flat());
}
