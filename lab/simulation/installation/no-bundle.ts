/** Takes the place of infra/constructs/bundle-function.ts: a simulation runs the functions' sources and never their bundles. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** A folder of its own for each handler, with its name in it. */
export function bundleInto(assembly: string, entry: string): string {
  const folder = path.join(assembly, '.bundles', entry.replaceAll(/[/.]/g, '-'));
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'index.js'), `// ${entry}\n`);
  return folder;
}
