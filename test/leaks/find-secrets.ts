/** Finds secrets in what a run wrote: many at once, in each of their forms. Pure. */
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { formsOf, SHORTEST } from './forms-of-secret.ts';

export interface Secret {
  /** What it is, for the report, which never has its value: `session id`. */
  readonly kind: string;
  readonly value: string;
}

export interface SecretFinder {
  /** Secrets that it looks for. */
  readonly size: number;
  /** Kinds of the secrets that are in the bytes, sorted; what is compressed by gzip is read as well. */
  find(content: Uint8Array | string): readonly string[];
}

/** Letters by which a form is looked up; no form is shorter. */
const PREFIX = 8;

/** @throws Error when a secret is too short */
export function createFinder(secrets: readonly Secret[]): SecretFinder {
  const byPrefix = new Map<string, { readonly form: string; readonly kind: string }[]>();
  // A mark for each three bytes that a form begins with: most positions are passed over without a look-up.
  const begins = new Uint8Array(1 << 24);
  for (const { kind, value } of secrets) {
    if (value.length < SHORTEST) throw new Error(`a secret of the kind "${kind}" has ${value.length} letters: ${SHORTEST} are the fewest`);
    for (const text of formsOf(value)) {
      const form = Buffer.from(text).toString('latin1');
      const prefix = form.slice(0, PREFIX);
      const known = byPrefix.get(prefix);
      if (known) known.push({ form, kind });
      else byPrefix.set(prefix, [{ form, kind }]);
      begins[(form.charCodeAt(0) << 16) | (form.charCodeAt(1) << 8) | form.charCodeAt(2)] = 1;
    }
  }

  // The same release is on every server: equal contents are searched once.
  const seen = new Map<string, readonly string[]>();
  const search = (bytes: Buffer): readonly string[] => {
    const found = new Set<string>();
    for (let at = 0; at + PREFIX <= bytes.length; at += 1) {
      const place = ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number);
      if (begins[place] === 0) continue;
      for (const { form, kind } of byPrefix.get(bytes.toString('latin1', at, at + PREFIX)) ?? [])
        if (bytes.toString('latin1', at, at + form.length) === form) found.add(kind);
    }
    for (const kind of gunzipped(bytes).flatMap((inner) => [...search(inner)])) found.add(kind);
    return [...found].toSorted();
  };
  return {
    size: secrets.length,
    find: (content) => {
      const bytes = Buffer.from(content as Uint8Array);
      const hash = createHash('sha256').update(bytes).digest('base64');
      const known = seen.get(hash);
      if (known) return known;
      const kinds = search(bytes);
      seen.set(hash, kinds);
      return kinds;
    },
  };
}

function gunzipped(bytes: Buffer): readonly Buffer[] {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return [];
  try {
    return [gunzipSync(bytes)];
  } catch {
    return [];
  }
}
