/** Parameters of a state: JSON in which a key that ends in `.$` takes its value from a path, or from texts of paths. */
import { read, type Scope } from './paths.ts';

/** The one intrinsic function that is known, with its text and its paths. */
const FORMAT = /^States\.Format\('([^']*)'((?:, \$[\w.$]+)*)\)$/;
const argumentsOf = (list = ''): readonly string[] => list.split(', ').filter((path) => path !== '');

function valueAt(source: string, scope: Scope): unknown {
  const [, text, paths] = FORMAT.exec(source) ?? [];
  if (text === undefined) return read(source, scope);
  const left = argumentsOf(paths).map((path) => String(read(path, scope)));
  return text.replaceAll('{}', () => left.shift() ?? '');
}

/** @throws StateError States.Runtime where a path leads nowhere */
export function fill(template: unknown, scope: Scope): unknown {
  if (Array.isArray(template)) return template.map((item) => fill(item, scope));
  if (typeof template !== 'object' || template === null) return template;
  const filled: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(template)) {
    if (key.endsWith('.$')) filled[key.slice(0, -2)] = valueAt(value as string, scope);
    else filled[key] = fill(value, scope);
  }
  return filled;
}

/** Every path of a template, for the check of a definition. */
export function pathsIn(template: unknown): readonly unknown[] {
  if (typeof template !== 'object' || template === null) return [];
  if (Array.isArray(template)) return template.flatMap(pathsIn);
  return Object.entries(template).flatMap(([key, value]) => {
    if (!key.endsWith('.$')) return pathsIn(value);
    const format = FORMAT.exec(String(value));
    return format ? argumentsOf(format[2]) : [value];
  });
}
