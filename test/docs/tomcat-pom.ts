/** The pom.xml that docs/tomcat.md prints. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { REPOSITORY } from '../run-node.ts';

export const pageText = readFileSync(path.join(REPOSITORY, 'docs/tomcat.md'), 'utf8');

/** @throws Error unless the page has exactly one */
export function readPom(): string {
  const poms = [...pageText.matchAll(/^```xml\n(<project .*?)^```$/gms)].map(([, pom = '']) => pom);
  if (poms.length !== 1) throw new Error(`docs/tomcat.md has ${poms.length} listings of a pom.xml; one is expected`);
  return poms[0] as string;
}
