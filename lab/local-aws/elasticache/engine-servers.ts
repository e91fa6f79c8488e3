/** Which server of this machine plays the nodes of an engine. Pure. */
import type { Engine, GroupSpec } from './group-spec.ts';

/** A server program at hand. It is the Sentinel, too. */
export interface EngineServer {
  readonly engine: Engine;
  /** `8.0.1` */
  readonly version: string;
  readonly path: string;
}

/** At least one, the preferred one first. */
export type EngineServers = readonly EngineServer[];

const NAMES: Readonly<Record<Engine, string>> = { valkey: 'Valkey', redis: 'Redis' };

/** The engine's own server where it is at hand, else the preferred one. */
export function serverOf(servers: EngineServers, engine: Engine): EngineServer {
  const server = servers.find((each) => each.engine === engine) ?? servers[0];
  if (server === undefined) throw new Error('the local ElastiCache has no valkey-server or redis-server');
  return server;
}

/**
 * What the nodes of a group really run: `Valkey 8.0.1`, and what it stands for where the engine or its major version is another.
 *
 * @param asked as a template names them
 */
export function describeServer(servers: EngineServers, asked: Pick<GroupSpec, 'engine' | 'engineVersion'>): string {
  const { engine, version } = serverOf(servers, asked.engine);
  const runs = `${NAMES[engine]} ${version}`;
  const isSame = engine === asked.engine && majorOf(version) === majorOf(asked.engineVersion);
  return isSame ? runs : `${runs} in place of ${NAMES[asked.engine]} ${asked.engineVersion}`;
}

/** One sentence for the list of what the local cloud does not emulate. */
export function describeEngines(servers: EngineServers): string {
  const runs = (['valkey', 'redis'] as const).map((engine) => {
    const server = serverOf(servers, engine);
    const substitute = server.engine === engine ? '' : ` in place of ${NAMES[engine]}`;
    return `nodes of engine ${engine} run ${NAMES[server.engine]} ${server.version}${substitute}`;
  });
  return `Engine versions: whatever version a template names, ${runs.join('; ')}.`;
}

const majorOf = (version: string) => version.split('.')[0];
