/** Parses the reply of INFO, of Redis and Valkey. Pure. @see https://valkey.io/commands/info/ */

export type Info = ReadonlyMap<string, string>;

/** A replica, by its primary. */
export interface ReplicaSeen {
  /** `slave0`, or `replica0` on newer engines. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly state: string;
  /** Offset in the primary's replication stream that it has acknowledged. */
  readonly offset: number;
  /** Time since its last acknowledgement; it sends one per second. */
  readonly lagSeconds: number;
}

/** @param text one or more sections */
export function parseInfo(text: string): Info {
  const lines = text.split(/\r?\n/).filter((line) => line.includes(':') && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));
}

/** Undefined when the field is absent or not a number. */
export function numberIn(info: Info, field: string): number | undefined {
  const text = info.get(field);
  const value = Number(text);
  return text === undefined || text === '' || !Number.isFinite(value) ? undefined : value;
}

/** Lines such as `slave0:ip=10.0.0.2,port=6379,state=online,offset=1234,lag=0`. A number that the line lacks is NaN. */
export function replicasIn(info: Info): readonly ReplicaSeen[] {
  return [...info]
    .filter(([name]) => /^(slave|replica)\d+$/.test(name))
    .map(([name, value]) => {
      const parts = partsOf(value);
      return {
        name,
        host: parts.get('ip') ?? '',
        port: Number(parts.get('port') ?? Number.NaN),
        state: parts.get('state') ?? 'unknown',
        offset: Number(parts.get('offset') ?? Number.NaN),
        lagSeconds: Number(parts.get('lag') ?? Number.NaN),
      };
    });
}

/** Keys in all databases, and the number of them that have a TTL. */
export function keysIn(info: Info): { readonly keys: number; readonly expires: number } {
  const databases = [...info].filter(([name]) => /^db\d+$/.test(name)).map(([, value]) => partsOf(value));
  const sum = (part: string) => databases.reduce((total, parts) => total + Number(parts.get(part) ?? 0), 0);
  return { keys: sum('keys'), expires: sum('expires') };
}

const partsOf = (value: string): Info =>
  new Map(value.split(',').map((part) => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)]));
