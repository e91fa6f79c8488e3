/** Parameters of a state: JSON in which a key that ends in `.$` takes its value from a path. */
import { read, type Scope } from './paths.ts';

/** @throws StateError States.Runtime where a path leads nowhere */
export function fill(template: unknown, scope: Scope): unknown {
  if (Array.isArray(template)) return template.map((item) => fill(item, scope));
  if (typeof template !== 'object' || template === null) return template;
  const filled: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(template)) {
    if (key.endsWith('.$')) filled[key.slice(0, -2)] = read(value as string, scope);
    else filled[key] = fill(value, scope);
  }
  return filled;
}

/** Every path of a template, for the check of a definition. */
export function pathsIn(template: unknown): readonly unknown[] {
  if (typeof template !== 'object' || template === null) return [];
  if (Array.isArray(template)) return template.flatMap(pathsIn);
  return Object.entries(template).flatMap(([key, value]) => (key.endsWith('.$') ? [value] : pathsIn(value)));
}
