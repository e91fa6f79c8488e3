/** Makes one script of a Python file and the neighbours that it imports: a server gets one text and no files. */
import { readFileSync } from 'node:fs';
import { gzipSync, strToU8 } from 'fflate';

/** Stands above each packed script: EC2 limits user data to 16 KB, and Systems Manager a document to 64 KB. */
export const HOW_TO_READ = '# Packed, because AWS limits its size. To read it: base64 -d | gzip -d';

/** The same text on every machine (Node.js's own zlib packs by the processor): user data that differs makes servers outdated. */
export const packed = (script: string): string => Buffer.from(gzipSync(strToU8(script), { level: 9, mtime: 0 })).toString('base64');

const HERE = new URL('./', import.meta.url);
/** A neighbour is imported by its names, at the top of a file; Python's own modules are imported whole (`import json`). */
const NEIGHBOUR = /^from (\w+) import (\([^)]*\)|.*)\n+/gm;
const LIBRARY = /^import .*\n/gm;
const DEFINITION = /^(?:(?:def|class) |(?=\w+ = ))(\w+)/gm;

/**
 * The file's text behind the texts of all its neighbours, each once, and without the imports that have become unnecessary.
 * @param folder of the file and its neighbours
 * @throws Error for neighbours that import each other, and for a name that its neighbour does not define or that two files define
 */
export function joinPython(module: string, folder = HERE): string {
  const texts = new Map<string, string>();
  const owners = new Map<string, string>();
  const join = (file: string, importers: readonly string[]): void => {
    if (importers.includes(file)) throw new Error(`${[...importers, file].join('.py imports ')}.py: the imports form a cycle`);
    if (texts.has(file)) return;
    const text = readFileSync(new URL(`${file}.py`, folder), 'utf8').replace(NEIGHBOUR, (_, neighbour: string, names: string) => {
      join(neighbour, [...importers, file]);
      for (const name of names.match(/\w+/g) ?? [])
        if (owners.get(name) !== neighbour) throw new Error(`${file}.py imports ${name} from ${neighbour}.py, which does not define it`);
      return '';
    });
    for (const [, name = ''] of text.matchAll(DEFINITION)) {
      const owner = owners.get(name) ?? file;
      if (owner !== file) throw new Error(`${file}.py and ${owner}.py both define ${name} for one script: rename one of them`);
      owners.set(name, file);
    }
    texts.set(file, text);
  };
  join(module, []);
  const imported = new Set<string>();
  return [...texts.values()].join('\n\n').replace(LIBRARY, (line) => {
    if (imported.has(line)) return '';
    imported.add(line);
    return line;
  });
}

/** What a script is sent without: lines that are comments or empty, and docstrings with code behind them. */
const COMMENT = /^ *(?:#(?!!).*)?\n|^( *)"""(?:[^"]|"(?!""))*"""\n+(?=\1\S)/gm;

/** The script of a module as a server gets it. */
export const scriptOf = (module: string): string => joinPython(module).replaceAll(COMMENT, '');
