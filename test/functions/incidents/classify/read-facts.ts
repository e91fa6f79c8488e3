/** Which facts the rows of the table read. */
import { ROWS } from '../../../../functions/incidents/classify/table.ts';
import type { Evidence } from '../../../../functions/incidents/contract/evidence.ts';

/** Objects whose keys are data: names of sessions, of statuses, of sizes. */
const KEYED = /\.(statuses|sessions|byAgent|byPath|lostAtAgeMinutes|lostAfterIdleSeconds|endedAtAgeMinutes|firstMs|lastMs|sizes|phases)$/;

/** The same value, whose reads are noted by their paths: `store.nodes[].state`. */
function watched<Value>(value: Value, at: string, note: (path: string) => void): Value {
  if (typeof value !== 'object' || value === null) return value;
  return new Proxy(value, {
    get(target, key) {
      const found = Reflect.get(target, key);
      if (typeof key === 'symbol' || (Array.isArray(target) && !/^\d+$/.test(key))) return found;
      const path = Array.isArray(target) ? `${at}[]` : KEYED.test(at) ? `${at}{}` : `${at}.${key}`;
      if (typeof found === 'object' && found !== null) return watched(found, path, note);
      if (!Array.isArray(target)) note(path);
      return found;
    },
  });
}

/** By path, the causes whose row reads it of this evidence. */
export function readByRows(all: readonly Evidence[]): ReadonlyMap<string, ReadonlySet<string>> {
  const read = new Map<string, Set<string>>();
  for (const evidence of all) {
    for (const { cause, needs, refutedBy } of ROWS) {
      const note = (path: string) => void read.set(path, (read.get(path) ?? new Set()).add(cause));
      const sources = Object.fromEntries(
        Object.entries(evidence.sources).map(([source, collected]) => [
          source,
          collected && 'facts' in collected ? { ...collected, facts: watched(collected.facts, source, note) } : collected,
        ]),
      );
      for (const { judge } of [...needs, ...refutedBy]) judge({ ...evidence, sources } as Evidence);
    }
  }
  return read;
}
