import type { FoundText, FoundValue, SweepStore, ValueRequest } from '../store/sweep-store.ts';

type ReadValues = SweepStore['readValues'];

interface Known {
  /** What was asked for so far. */
  readonly asked: Set<string>;
  readonly fields: Record<string, FoundValue['fields'][string]>;
  text?: FoundText;
}

/**
 * The same store for one page: what was read of a key is not read again, however many ask for it.
 * @param read by pipelines
 */
export function readOnce(read: ReadValues): ReadValues {
  const knownBy = new Map<string, Known>();
  return async (wanted) => {
    const asked = wanted.map((request) => {
      const name = request.key.toString('latin1');
      const known = knownBy.get(name) ?? { asked: new Set<string>(), fields: {} };
      knownBy.set(name, known);
      return { request, known, missing: missingOf(request, known) };
    });
    const toRead = asked.filter(({ missing }) => missing !== undefined);
    const found = toRead.length === 0 ? [] : await read(toRead.map(({ missing }) => missing as ValueRequest));
    for (const [at, { known }] of toRead.entries()) {
      const { fields = {}, text } = found[at] ?? {};
      // Of a field that was asked only whether it exists, what was read counts.
      for (const [field, value] of Object.entries(fields)) if (!Buffer.isBuffer(known.fields[field])) known.fields[field] = value;
      if (text !== undefined) known.text = text;
    }
    return asked.map(({ request: { fields = [], longFields = [], text }, known }): FoundValue => {
      const names = [...fields, ...longFields.map(({ name }) => name)].filter((name) => Object.hasOwn(known.fields, name));
      const own = Object.fromEntries(names.map((name) => [name, known.fields[name] as FoundValue['fields'][string]]));
      return { fields: own, ...(text && known.text !== undefined && { text: known.text }) };
    });
  };
}

/** What of it has not been asked for yet, which counts as asked for from now on; undefined: nothing. */
function missingOf({ key, fields = [], longFields = [], text = false }: ValueRequest, { asked }: Known): ValueRequest | undefined {
  const isNew = (what: string): boolean => !asked.has(what) && asked.add(what).has(what);
  const missing = {
    key,
    fields: fields.filter((name) => isNew(`field ${name}`)),
    longFields: longFields.filter(({ name, after = '' }) => !asked.has(`field ${name}`) && isNew(`long ${name} ${after}`)),
    text: text && isNew('text'),
  };
  return missing.fields.length + missing.longFields.length === 0 && !missing.text ? undefined : missing;
}
