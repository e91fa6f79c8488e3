/** The pom.xml that docs/tomcat.md leads to. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { REPOSITORY } from '../run-node.ts';

export const pageText = readFileSync(path.join(REPOSITORY, 'docs/tomcat.md'), 'utf8');

/** @throws Error unless the page leads to exactly one */
export function readPom(): string {
  const poms = [...new Set([...pageText.matchAll(/\]\(\.\.\/(\S+pom\.xml)\)/g)].map(([, file = '']) => file))];
  if (poms.length !== 1) throw new Error(`docs/tomcat.md links to ${poms.length} files pom.xml; one is expected`);
  return readFileSync(path.join(REPOSITORY, poms[0] as string), 'utf8');
}
