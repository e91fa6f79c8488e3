/** Which test files a change of a file can concern: those that import it, or a file that names it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { build, type Plugin } from 'esbuild';

/** Documents, pages, templates and scripts that files name in a string, read at run time or start as a process; `${…}` stands for any folder. */
const NAMED =
  /['"`/]((?:[\w.-]|\$\{\w+\})+(?:\/(?:[\w.-]|\$\{\w+\})+)*\.(?:ts|mts|mjs|js|py|sh|css|html|jsp|json|yaml|lua|java|xml|service))['"`?#]/g;

/** An import of a Python file, at its top or in a function: `import a`, `from a import b`, `from .a import b`, `from . import a, b`. */
const PYTHON_IMPORT = /^[ \t]*(?:from \.?(\w+)\b|from \. import ([\w, ]+)|import (\w+)\b)/gm;
/** What makes a folder a package, of which others name the folder alone. */
const PACKAGE = '__init__.py';
/** A Python file whose text is joined to a script: by its name in a call, or at the place of `@name.py` in a script of the shell. */
const PYTHON_JOINED = /\b(?:joinPython|pythonStep)\((?:[^()]*, *)?['"](\w+)['"]|^@(\w+)\.py$/gm;

export interface Concerned {
  readonly test: string;
  /** Imports between the test and the file; a name in a string counts three times. */
  readonly distance: number;
}

const NAME_DISTANCE = 3;

/** All files, by the last part of their paths. */
type ByName = ReadonlyMap<string, readonly string[]>;

export class Importers {
  /** For each file, the files that depend on it, with the distance of that one step. */
  private readonly users = new Map<string, Map<string, number>>();
  private readonly isTest: (file: string) => boolean;

  private constructor(isTest: (file: string) => boolean) {
    this.isTest = isTest;
  }

  /**
   * @param files all tracked files, from the repository's root
   * @param isTest whether a file is one whose notice is asked for
   */
  static async of(repository: string, files: readonly string[], isTest: (file: string) => boolean): Promise<Importers> {
    const importers = new Importers(isTest);
    const code = files.filter((file) => /\.(?:ts|mts|mjs)$/.test(file) && !file.endsWith('.d.mts'));
    for (const [file, imported] of await importsOf(repository, code)) importers.add(file, imported, 1);
    const byName = Map.groupBy(files, (file) => path.basename(file));
    const packages = (byName.get(PACKAGE) ?? []).map((init) => ({ init, name: new RegExp(`\\b${path.basename(path.dirname(init))}\\b`) }));
    for (const { init } of packages) {
      for (const file of files) if (path.dirname(file) === path.dirname(init) && file.endsWith('.py')) importers.add(init, file, 1);
    }
    for (const file of files.filter((name) => /\.(?:ts|mts|mjs|py|sh)$/.test(name))) {
      const source = readFileSync(path.join(repository, file), 'utf8');
      const used = file.endsWith('.py') ? importedByPython(file, source, byName) : joinedPython(source, byName);
      for (const named of namesIn(file, source, byName)) importers.add(file, named, NAME_DISTANCE);
      for (const joined of used) importers.add(file, joined, file.endsWith('.py') ? 1 : NAME_DISTANCE);
      if (file.endsWith('.py')) continue;
      for (const { init, name } of packages) if (name.test(source)) importers.add(file, init, NAME_DISTANCE);
    }
    return importers;
  }

  private add(file: string, used: string, distance: number): void {
    const users = this.users.get(used) ?? new Map<string, number>();
    this.users.set(used, users.set(file, Math.min(distance, users.get(file) ?? distance)));
  }

  /** Everything that depends on a file, with its distance; the file itself at 0. */
  dependants(file: string): ReadonlyMap<string, number> {
    const distances = new Map([[file, 0]]);
    // Distances are small whole numbers: the files of one distance after the other.
    const layers: string[][] = [[file]];
    for (let distance = 0; distance < layers.length; distance += 1) {
      for (const used of layers[distance] ?? []) {
        if (distances.get(used) !== distance) continue;
        for (const [user, step] of this.users.get(used) ?? []) {
          const reached = distance + step;
          if ((distances.get(user) ?? Number.POSITIVE_INFINITY) <= reached) continue;
          distances.set(user, reached);
          for (let missing = layers.length; missing <= reached; missing += 1) layers.push([]);
          layers[reached]?.push(user);
        }
      }
    }
    return distances;
  }

  /** The tests that a change of these files can concern, each once, the nearest first. */
  testsOf(...files: readonly string[]): readonly Concerned[] {
    const distances = new Map<string, number>();
    for (const [user, distance] of files.flatMap((file) => [...this.dependants(file)])) {
      distances.set(user, Math.min(distance, distances.get(user) ?? distance));
    }
    return [...distances]
      .filter(([test]) => this.isTest(test))
      .map(([test, distance]) => ({ test, distance }))
      .sort((a, b) => a.distance - b.distance || (a.test < b.test ? -1 : 1));
  }
}

/** Pairs of a file and one that it imports, types and dynamic imports with fixed names as well. */
async function importsOf(repository: string, files: readonly string[]): Promise<[string, string][]> {
  const { metafile } = await build({
    absWorkingDir: repository,
    // One output for all: with one for each, esbuild writes what they share as many times, and two may have one path.
    stdin: { contents: files.map((file) => `import ${JSON.stringify(`./${file}`)};`).join('\n'), resolveDir: repository },
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    outfile: 'unused.mjs',
    write: false,
    metafile: true,
    logLevel: 'silent',
    plugins: [OUTSIDE],
    // Imports of types are kept: a test follows the types of what it tests.
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
  });
  return files.flatMap((file) =>
    (metafile.inputs[file]?.imports ?? []).filter(({ external }) => !external).map((imported): [string, string] => [file, imported.path]),
  );
}

/** What is no code is not read. */
const OUTSIDE: Plugin = {
  name: 'outside',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.(?:py|css|html|txt|md|sh|lua|svg|png|yaml|xml|jsp)$/ }, () => ({ contents: '', loader: 'js' })),
};

function namesIn(file: string, source: string, byName: ByName): string[] {
  const folder = path.dirname(file);
  return [...source.matchAll(NAMED)].flatMap(([, named = '']) => {
    const pieces = named.replace(/^(?:\.{1,2}\/)+/, '').split(/\$\{\w+\}/);
    const ending = new RegExp(`/${pieces.map((piece) => piece.replaceAll('.', '\\.')).join('.+')}$`);
    const name = path.basename(named);
    const isPattern = name.includes('${');
    // An ending alone, such as that of every document, says nothing.
    if (isPattern && /^\.\w+$/.test(name.replaceAll(/\$\{\w+\}/g, ''))) return [];
    const candidates = isPattern ? [...byName.values()].flat() : (byName.get(name) ?? []);
    const fitting = candidates.filter((candidate) => candidate !== file && ending.test(`/${candidate}`));
    const near = fitting.filter((candidate) => [path.dirname(candidate), path.dirname(path.dirname(candidate))].includes(folder));
    if (near.length > 0 || isPattern) return near;
    // A name alone that many folders have says nothing.
    return named.includes('/') || fitting.length <= 3 ? fitting : [];
  });
}

function importedByPython(file: string, source: string, byName: ByName): string[] {
  return [...source.matchAll(PYTHON_IMPORT)]
    .flatMap(([, from, names, imported]) => from ?? imported ?? (names ?? '').split(/[, ]+/))
    .map((name) => path.posix.join(path.posix.dirname(file), `${name}.py`))
    .filter((neighbour) => neighbour !== file && byName.get(path.basename(neighbour))?.includes(neighbour));
}

const joinedPython = (source: string, byName: ByName): string[] =>
  [...source.matchAll(PYTHON_JOINED)].flatMap(([, called, placed]) => byName.get(`${called ?? placed}.py`) ?? []);
