/** A server of an incident's fleets, and where it is among them, as far as that is known. */
export interface RegisteredServer {
  readonly instanceId: string;
  readonly zone?: string;
  /** Release that was installed on it last. */
  readonly version?: string;
}
export interface FleetServer extends RegisteredServer {
  readonly fleet: string;
}

/**
 * Which servers are asked, at most so many: as evenly as there are of each fleet, zone and release, and of these by their ids. A zone
 * that is cut off, or a release that a deploy has begun to roll, is among them. Pure.
 */
export function chooseServers(servers: readonly FleetServer[], most: number): readonly FleetServer[] {
  const byId = servers.toSorted((one, other) => (one.instanceId < other.instanceId ? -1 : 1));
  if (byId.length <= most) return byId;
  const groups = Map.groupBy(byId, ({ fleet, zone, version }) => JSON.stringify([fleet, zone ?? '', version ?? '']));
  const queues = [...groups].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, group]) => group);
  // The first of every group, then the second of every group, and so on.
  const longest = Math.max(...queues.map(({ length }) => length));
  const spread = Array.from({ length: longest }, (_, turn) => queues.flatMap((queue) => queue[turn] ?? [])).flat();
  return spread.slice(0, most);
}

/** Reads the zones and the releases of servers. Either read can fail: the servers are asked all the same. */
export interface PlacePorts {
  zones(): Promise<ReadonlyMap<string, string>>;
  versions(): Promise<ReadonlyMap<string, string>>;
}

export async function withPlaces(instanceIds: readonly string[], ports: PlacePorts): Promise<readonly RegisteredServer[]> {
  const [zones, versions] = await Promise.all([orNone(ports.zones()), orNone(ports.versions())]);
  return instanceIds.map((instanceId) => {
    const [zone, version] = [zones.get(instanceId), versions.get(instanceId)];
    return { instanceId, ...(zone !== undefined && { zone }), ...(version !== undefined && { version }) };
  });
}

const orNone = async (reading: Promise<ReadonlyMap<string, string>>): Promise<ReadonlyMap<string, string>> =>
  reading.catch(() => new Map<string, string>());
