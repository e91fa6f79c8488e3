import type { KeyPattern } from './dialect.ts';

/**
 * A configured pattern: `*` is any text, everything else itself. A part between two `*` is searched from where the one before it ended,
 * and only there: an earlier end leaves more for what follows, so that no other place has to be tried. Pure.
 */
export function keyGlob(glob: string): KeyPattern {
  const parts = glob.split('*');
  const [first, last] = [parts[0] as string, parts.at(-1) as string];
  if (parts.length === 1) return { test: (key) => key === glob };
  const between = parts.slice(1, -1);
  return {
    test(key) {
      if (!key.startsWith(first) || !key.endsWith(last)) return false;
      let from = first.length;
      for (const part of between) {
        const at = key.indexOf(part, from);
        if (at === -1) return false;
        from = at + part.length;
      }
      return from <= key.length - last.length;
    },
  };
}
