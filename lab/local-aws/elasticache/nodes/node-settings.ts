import type { GroupOptions } from '../../../processes/process-group.ts';
import { aclRules, type ClientAccess } from '../access/access-control.ts';
import type { CommandNames } from '../access/known-commands.ts';
import { serverOf } from '../engine-servers.ts';
import type { GroupSpec } from '../group-spec.ts';
import { maxMemoryBytes } from '../node-types.ts';
import { engineSettings, familyOf, parameterDefinitions, parameterValue } from '../parameter-catalog.ts';
import type { Resources } from '../resources.ts';
import { INNER_ADMIN } from './server-config.ts';

/** What all nodes of a group share; read at every start of a node. */
export interface NodeSettings {
  readonly binary: string;
  readonly ledger: GroupOptions['ledger'];
  readonly adminPassword: string;
  readonly aclRules: ReadonlyMap<string, readonly string[]>;
  readonly engineSettings: Readonly<Record<string, string>>;
  /** The family of its parameter groups: `valkey8`. */
  readonly family: string;
  readonly maxMemoryBytes: number;
  readonly keepsSnapshots: boolean;
}

/** Sends commands to one node as the inner administrator. */
interface NodeCommands {
  command(...words: readonly (string | number | Buffer)[]): Promise<unknown>;
}

/** Parameters that need a restart of the node; they take effect at the next one. */
const LATE_PARAMETERS = new Set(
  parameterDefinitions()
    .filter((definition) => !definition.immediate)
    .map((definition) => definition.name),
);

/**
 * The current settings for the nodes of a group.
 *
 * @param known commands of the server, where it stands for another engine: it would refuse a user with others
 */
export function nodeSettings(resources: Resources, spec: GroupSpec, adminPassword: string, known?: CommandNames): NodeSettings {
  const { servers, ledger, maxNodeMemoryBytes } = resources.options;
  const values = resources.parameterGroups.get(spec.parameterGroupName)?.values ?? {};
  return {
    binary: serverOf(servers, spec.engine).path,
    ledger,
    adminPassword,
    aclRules: aclRules(clientAccess(resources, spec), known),
    engineSettings: engineSettings(values),
    family: familyOf(spec.engine, spec.engineVersion),
    maxMemoryBytes: maxMemoryBytes(spec.nodeType, Number(parameterValue(values, 'reserved-memory-percent')), maxNodeMemoryBytes),
    keepsSnapshots: spec.snapshotRetentionLimit > 0,
  };
}

/** The users who can log in to a group now. */
function clientAccess(resources: Resources, spec: GroupSpec): ClientAccess {
  if (spec.userGroupIds.length > 0) return { type: 'users', users: spec.userGroupIds.flatMap((id) => resources.usersOf(id)) };
  if (spec.authTokens.length > 0) return { type: 'auth-token', tokens: spec.authTokens };
  return { type: 'open' };
}

/**
 * Updates a running node's users to those who may log in now. The connections of removed users are closed.
 *
 * @throws Error with the server's message when it does not know a rule
 */
export async function applyAccess(node: NodeCommands, settings: NodeSettings): Promise<void> {
  for (const [userName, rules] of settings.aclRules) await node.command('ACL', 'SETUSER', userName, ...rules);
  const present = (await node.command('ACL', 'USERS')) as string[];
  const gone = present.filter((userName) => userName !== INNER_ADMIN && !settings.aclRules.has(userName));
  if (gone.length > 0) await node.command('ACL', 'DELUSER', ...gone);
}

/**
 * Applies the parameters that need no restart to a running node.
 *
 * @param reset names of parameters that have their default again
 */
export async function applyParameters(node: NodeCommands, settings: NodeSettings, reset: readonly string[]): Promise<void> {
  const defaults = parameterDefinitions(settings.family).filter(({ name, engineKnows }) => engineKnows && reset.includes(name));
  const wanted = {
    ...Object.fromEntries(defaults.map(({ name, defaultValue }) => [name, defaultValue])),
    ...settings.engineSettings,
    maxmemory: String(settings.maxMemoryBytes),
  };
  const changes = Object.entries(wanted).filter(([name]) => !LATE_PARAMETERS.has(name));
  await node.command('CONFIG', 'SET', ...changes.flat());
}
