/** Import cycles between the folders of one part of the repository. Pure. */
import type { Import } from './read-imports.ts';

/** One import for each pair of rooms: a room is a folder of the part, or a file that is in none of its folders. */
type Edges = ReadonlyMap<string, ReadonlyMap<string, Import>>;

/** @returns the shortest cycle through each import between rooms, as the imports that close it */
export function findCycles(imports: readonly Import[], part: string): readonly string[] {
  const edges = edgesOf(imports, part);
  const cycles = [...edges].flatMap(([from, targets]) =>
    [...targets.keys()].flatMap((to) => {
      const back = shortestPath(edges, to, from);
      return back ? [[from, ...back.slice(0, -1)]] : [];
    }),
  );
  return [...new Set(cycles.map((rooms) => describe(edges, rooms)))].sort();
}

function edgesOf(imports: readonly Import[], part: string): Edges {
  const edges = new Map<string, Map<string, Import>>();
  const roomOf = (file: string) => (file.startsWith(`${part}/`) ? file.slice(part.length + 1).split('/')[0] : undefined);
  for (const one of imports) {
    const [from, to] = [roomOf(one.from), roomOf(one.to)];
    if (from === undefined || to === undefined || from === to) continue;
    const targets = edges.get(from) ?? new Map<string, Import>();
    edges.set(from, targets.set(to, targets.get(to) ?? one));
  }
  return edges;
}

/** The rooms from one to the other, both included; undefined where no import leads there. */
function shortestPath(edges: Edges, from: string, to: string): readonly string[] | undefined {
  const paths = new Map([[from, [from]]]);
  for (const [room, path] of paths) {
    if (room === to) return path;
    for (const next of edges.get(room)?.keys() ?? []) if (!paths.has(next)) paths.set(next, [...path, next]);
  }
  return undefined;
}

/** A cycle begins at its first room by name, so that each has one description. */
function describe(edges: Edges, rooms: readonly string[]): string {
  const start = rooms.indexOf([...rooms].sort()[0] as string);
  const ordered = [...rooms.slice(start), ...rooms.slice(0, start)];
  const hops = ordered.map((room, at) => edges.get(room)?.get(ordered[(at + 1) % ordered.length] as string) as Import);
  return `${[...ordered, ordered[0]].join(' → ')}: ${hops.map(({ from, to }) => `${from} imports ${to}`).join('; ')}`;
}
