/** Bundles a handler for Lambda: small, since a function reads, compiles and runs all of it at every cold start. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildSync } from 'esbuild';

const REPOSITORY = path.resolve(import.meta.dirname, '../..');

/** Modules of the SDK that a function on Lambda never uses, and what takes their place. */
const REPLACED = {
  // SSO, profiles, web identity, other processes, metadata services: Lambda sets the role's credentials in the environment.
  '@aws-sdk/credential-provider-node': './functions/shared/aws/environment-credentials.ts',
} as const;

interface Bundle {
  readonly code: Uint8Array;
  /** For the stack traces of errors: Node does not load it by itself. */
  readonly sourceMap: Uint8Array;
}

/** Each entry is bundled once per process, for all fleets. */
const bundles = new Map<string, Bundle>();

/**
 * Bundles a handler into a folder of its own next to the assembly's assets. The bytes depend on the sources alone.
 * @param entry relative to the repository: `functions/deploy/control/handler.ts`
 */
export function bundleInto(assembly: string, entry: string): string {
  const { code, sourceMap } = bundles.get(entry) ?? bundle(entry);
  const folder = path.join(assembly, '.bundles', entry.replaceAll(/[/.]/g, '-'));
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'index.js'), code);
  writeFileSync(path.join(folder, 'index.js.map'), sourceMap);
  writeFileSync(path.join(folder, 'package.json'), '{"type":"commonjs"}\n');
  return folder;
}

function bundle(entry: string): Bundle {
  const { outputFiles } = buildSync({
    absWorkingDir: REPOSITORY,
    entryPoints: [entry],
    outfile: 'index.js',
    write: false,
    bundle: true,
    minify: true,
    // Without the sources' own text: the repository has it.
    sourcemap: 'linked',
    sourcesContent: false,
    platform: 'node',
    target: 'node24',
    // As an ES module, `import 'node:http'` alone takes 25 ms: it reads every export, and one of them loads fetch.
    format: 'cjs',
    mainFields: ['module', 'main'],
    alias: Object.fromEntries(Object.entries(REPLACED).map(([module, replacement]) => [module, path.join(REPOSITORY, replacement)])),
    legalComments: 'none',
    logLevel: 'warning',
  });
  const [sourceMap, code] = outputFiles.map(({ contents }) => contents) as [Uint8Array, Uint8Array];
  const made = { code, sourceMap };
  bundles.set(entry, made);
  return made;
}
