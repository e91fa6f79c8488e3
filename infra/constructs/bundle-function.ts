/** Bundles a handler for Lambda: small, since a function reads, compiles and runs all of it at every cold start. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { decode, encode, type SourceMapSegment } from '@jridgewell/sourcemap-codec';
import { buildSync } from 'esbuild';

const REPOSITORY = path.resolve(import.meta.dirname, '../..');

/** Modules of the SDK that a function on Lambda never uses, and what takes their place. */
const REPLACED = {
  // SSO, profiles, web identity, other processes, metadata services: Lambda sets the role's credentials in the environment.
  '@aws-sdk/credential-provider-node': './functions/shared/aws/environment-credentials.ts',
} as const;

interface Bundle {
  readonly code: Uint8Array;
  /** Makes the stack traces of errors readable (readable-stack.ts): Node does not load it by itself. */
  readonly sourceMap: Uint8Array;
}

/** Each entry is bundled once per process, for all fleets, and the first one with all handlers. */
const bundles = new Map<string, Bundle>();

/**
 * Bundles a handler into a folder of its own next to the assembly's assets. The bytes depend on the sources alone.
 * @param entry relative to the repository: `functions/deploy/control/handler.ts`
 */
export function bundleInto(assembly: string, entry: string): string {
  if (bundles.size === 0) for (const entries of groupsOf(handlers())) bundleAll(entries);
  if (!bundles.has(entry)) bundleAll([entry]);
  const { code, sourceMap } = bundles.get(entry) as Bundle;
  const folder = path.join(assembly, '.bundles', entry.replaceAll(/[/.]/g, '-'));
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'index.js'), code);
  writeFileSync(path.join(folder, 'index.js.map'), sourceMap);
  writeFileSync(path.join(folder, 'package.json'), '{"type":"commonjs"}\n');
  return folder;
}

/** Every function's handler, by convention. */
const handlers = (): string[] =>
  readdirSync(path.join(REPOSITORY, 'functions'), { recursive: true, encoding: 'utf8' })
    .filter((file) => path.basename(file) === 'handler.ts')
    .map((file) => path.posix.join('functions', ...file.split(path.sep)))
    .toSorted();

/** Handlers that are bundled at once. All of them in one group would take several times the memory, and no less time. */
const GROUP = 8;

const groupsOf = (entries: readonly string[]): (readonly string[])[] =>
  Array.from({ length: Math.ceil(entries.length / GROUP) }, (_, group) => entries.slice(group * GROUP, (group + 1) * GROUP));

/** At once, since most of their code is the same: it is read and parsed once. The bytes are those of each alone. */
function bundleAll(entries: readonly string[]): void {
  const { outputFiles } = buildSync({
    absWorkingDir: REPOSITORY,
    entryPoints: entries.map((entry, index) => ({ in: entry, out: `index-${index}` })),
    outdir: '.',
    write: false,
    bundle: true,
    minify: true,
    // The map does not have the text of the sources: the repository has it.
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
  const written = new Map(outputFiles.map(({ path: file, contents }) => [path.basename(file), contents]));
  for (const [index, entry] of entries.entries()) {
    const code = Buffer.from(written.get(`index-${index}.js`) as Uint8Array).toString();
    const link = `\n//# sourceMappingURL=index-${index}.js.map\n`;
    if (!code.endsWith(link)) throw new Error(`the bundle of ${entry} does not end with the name of its source map`);
    bundles.set(entry, {
      code: Buffer.from(`${code.slice(0, -link.length)}\n//# sourceMappingURL=index.js.map\n`),
      sourceMap: withOwnMappings(written.get(`index-${index}.js.map`) as Uint8Array),
    });
  }
}

/** A source map of places in our own sources alone: those of dependencies are most of it, and no reader's checkout has them. */
function withOwnMappings(sourceMap: Uint8Array): Buffer {
  const map = JSON.parse(Buffer.from(sourceMap).toString()) as { sources: string[]; mappings: string };
  const isOwn = map.sources.map((source) => !source.includes('node_modules/'));
  const placeOf = ([column, source, line, place]: SourceMapSegment): SourceMapSegment =>
    source !== undefined && line !== undefined && place !== undefined && isOwn[source] ? [column, source, line, place] : [column];
  // One segment without a source ends the one before; more of them in a row say nothing.
  const own = decode(map.mappings).map((line) =>
    line.map(placeOf).filter((segment, index, all) => segment.length > 1 || all[index - 1]?.length !== 1),
  );
  return Buffer.from(JSON.stringify({ ...map, mappings: encode(own), names: [] }));
}
