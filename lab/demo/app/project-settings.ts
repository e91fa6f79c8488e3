/** What of a fleet's configuration on AWS applies to the local cloud as well. Pure. */
import type { FleetInput } from '../local-settings.ts';

/** A fleet as its configuration file has it, defaults not filled in. */
export type FleetJson = Readonly<Record<string, unknown>>;

export interface ProjectSettings {
  /** The settings that apply, which the caller merges into the local fleet's. */
  readonly fleet: FleetInput;
  /** Keys that apply: `strategy`, `deploy.onFailure`. */
  readonly applied: readonly string[];
  /** Times of a deploy, which apply with real times only. */
  readonly shortened: readonly string[];
  /** Keys that have no meaning here. */
  readonly ignored: readonly string[];
}

/** Settings of the server that runs; where that is an example, they are ignored, because the example has its own. */
const OF_THE_SERVER = ['port', 'healthPath', 'healthStatus', 'app'];
const APPLY = [
  ...OF_THE_SERVER,
  'strategy',
  'awsAccess',
  'incidents',
  'minCapacity',
  'maxCapacity',
  'healthCheckIntervalSeconds',
  'healthCheckTimeoutSeconds',
  'healthyThreshold',
  'unhealthyThreshold',
];
/** The local fleet shares its sessions with no other, and its store is a created one. */
const SESSIONS_APPLY = ['keyPrefix', 'framework', 'channels'];
/** Alarms and agents of the user's account do not exist here. */
const DEPLOY_IGNORED = ['alarmNames', 'minimumAgentVersion'];
const isTime = (key: string): boolean => /(Seconds|Minutes)$/.test(key);

/** @param example the server is an example, whose port, health path and Tomcat are its own */
export function applyLocally(
  fleet: FleetJson,
  { realTime, example }: { readonly realTime: boolean; readonly example: boolean },
): ProjectSettings {
  const kept: Record<string, unknown> = {};
  const found = { applied: [] as string[], shortened: [] as string[], ignored: [] as string[] };
  for (const [key, value] of Object.entries(fleet)) {
    if (key === 'deploy' || key === 'sessions') {
      const part: Record<string, unknown> = {};
      for (const [inner, setting] of Object.entries(value as FleetJson)) {
        const list = key === 'deploy' ? listOf(inner, realTime) : SESSIONS_APPLY.includes(inner) ? 'applied' : 'ignored';
        found[list].push(`${key}.${inner}`);
        if (list === 'applied') part[inner] = setting;
      }
      kept[key] = part;
    } else if (APPLY.includes(key) && !(example && OF_THE_SERVER.includes(key))) {
      kept[key] = value;
      found.applied.push(key);
    } else found.ignored.push(key);
  }
  return { fleet: kept as FleetInput, ...found };
}

function listOf(key: string, realTime: boolean): 'applied' | 'shortened' | 'ignored' {
  if (DEPLOY_IGNORED.includes(key)) return 'ignored';
  return isTime(key) && !realTime ? 'shortened' : 'applied';
}

/** One line: `holdfast.config.json, fleet web: strategy applies here; allowPlainHttp does not`. */
export function describeSettings(file: string, fleet: string, { applied, shortened, ignored }: ProjectSettings): string {
  const parts = [
    applied.length > 0 && `${listed(applied)} ${applied.length > 1 ? 'apply' : 'applies'} here`,
    shortened.length > 0 && `${listed(shortened)} with --real-time only`,
    ignored.length > 0 && `${listed(ignored)} ${ignored.length > 1 ? 'do' : 'does'} not apply here`,
  ].filter(Boolean);
  return `${file}, fleet ${fleet}: ${parts.join('; ') || 'every setting has its default'}`;
}

const listed = (keys: readonly string[]): string =>
  keys.length < 2 ? keys.join('') : `${keys.slice(0, -1).join(', ')} and ${keys.at(-1)}`;
