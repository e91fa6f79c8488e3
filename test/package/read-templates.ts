import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

interface StackTemplate {
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties?: Readonly<Record<string, unknown>> }>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown; readonly Export?: { readonly Name: string } }>>;
}

/** By the stack's name. */
export type Templates = Readonly<Record<string, StackTemplate>>;

const ENDING = '.template.json';

/** @param assembly folder that a synthesis wrote */
export const readTemplates = (assembly: string): Templates =>
  Object.fromEntries(
    readdirSync(assembly)
      .filter((name) => name.endsWith(ENDING))
      .sort()
      .map((name) => [name.slice(0, -ENDING.length), JSON.parse(readFileSync(path.join(assembly, name), 'utf8')) as StackTemplate]),
  );
