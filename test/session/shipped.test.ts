/** The packages below `session/`, as applications get them: by their own exports, with nothing of this repository around them. */
import { execFileSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const REPOSITORY = path.resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(path.join(tmpdir(), 'shipped-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each([
  ['user-sessions', 'holdfast/session'],
  ['critical-actions', 'holdfast/session/critical-actions'],
])('session/%s', (name, shippedAs) => {
  const source = path.join(REPOSITORY, 'session', name);
  const manifest = JSON.parse(readFileSync(path.join(source, 'package.json'), 'utf8')) as {
    readonly exports: { readonly '.': { readonly types: string; readonly default: string } };
    readonly peerDependencies: Readonly<Record<string, string>>;
  };
  const { types, default: main } = manifest.exports['.'];
  const peers = Object.keys(manifest.peerDependencies);

  it('imports its own files, its peers and Node.js alone', () => {
    const imported = globSync('*.{mjs,mts}', { cwd: source }).flatMap((file) =>
      [...readFileSync(path.join(source, file), 'utf8').matchAll(/^(?:import|export)\b[^'";]*?\bfrom '([^']+)'/gm)].map(([, from]) => from),
    );
    expect(imported.length).toBeGreaterThan(5);
    expect(imported.filter((from = '') => !/^(\.\/[\w.-]+|node:\w+)$/.test(from) && !peers.includes(from))).toEqual([]);
  });

  it('has a README, and types of exactly what it exports', () => {
    expect(readFileSync(path.join(source, 'README.md'), 'utf8')).toContain(`from '${shippedAs}'`);
    const declared = [...readFileSync(path.join(source, types), 'utf8').matchAll(/^export (?:class|function) (\w+)/gm)].map(
      ([, one]) => one,
    );
    expect(exportsElsewhere()).toEqual(declared.toSorted());
  });

  /** The exports of a copy in an application's node_modules, with its peers next to it. */
  function exportsElsewhere(): unknown {
    const modules = path.join(folder, name, 'node_modules');
    cpSync(source, path.join(modules, name), { recursive: true });
    for (const peer of peers) {
      mkdirSync(path.dirname(path.join(modules, peer)), { recursive: true });
      symlinkSync(path.join(REPOSITORY, 'node_modules', peer), path.join(modules, peer));
    }
    const print = `console.log(JSON.stringify(Object.keys(await import('${name}')).sort()))`;
    const words = ['--input-type=module', '--eval', print];
    return JSON.parse(execFileSync(process.execPath, words, { cwd: path.join(folder, name), encoding: 'utf8', timeout: 120_000 }));
  }

  it(`has its entry in the folder: ${main}`, () => {
    expect(globSync('*', { cwd: source }).map((file) => `./${file}`)).toEqual(expect.arrayContaining([main, types]));
  });
});
