/** Installs a library's pinned packages and its program below `.holdfast/corpus`, and returns the command that runs it. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathsOf } from '../../../setup/checkout.mjs';
import { findPrograms, searchFolders } from '../../../setup/find-program.mjs';
import { outputOf, runCommand } from '../../../setup/run-command.mjs';
import type { Library, Packages } from '../library.ts';
import { cargoToml, packageJson, pomXml } from './project-files.ts';

/** Crates are compiled: minutes on two cores. */
const INSTALL_TIMEOUT_MS = 20 * 60_000;
const PATHS = pathsOf();
const PROGRAMS = path.join(PATHS.checkout, 'lab/corpus/programs');

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

export const folderOf = (name: string): string => path.join(PATHS.state, 'corpus', name);
export const logOf = (name: string, what: string): string => path.join(PATHS.logs, `corpus-${name}-${what}.log`);

/** What installs and what runs, by registry. */
type Install = (library: Library, folder: string) => Promise<Omit<Program, 'cwd'>>;

/** @param words a command with its arguments */
async function run(library: Library, folder: string, words: readonly [string, ...string[]], env: NodeJS.ProcessEnv = {}): Promise<void> {
  const [command, ...args] = words;
  await runCommand(`Installing ${library.name}: ${path.basename(command)} ${args[0]}`, programOf(command), args, {
    logFile: logOf(library.name, 'install'),
    append: true,
    cwd: folder,
    env: { ...process.env, ...env },
    timeoutMs: INSTALL_TIMEOUT_MS,
    advice: 'Nothing was recorded.',
  });
}

/** @throws Error on a machine without it */
function programOf(name: string): string {
  if (name.includes('/')) return name;
  const [found] = findPrograms(name, searchFolders(process.env));
  if (found === undefined) throw new Error(`This library needs ${name}, which is not on this machine. Nothing was recorded.`);
  return found;
}

const listed = (packages: Packages, between: string): string[] =>
  Object.entries(packages).map(([name, version]) => `${name}${between}${version}`);

const INSTALLS: Readonly<Record<Exclude<Library['registry'], 'source'>, Install>> = {
  async npm(library, folder) {
    writeFileSync(path.join(folder, 'package.json'), packageJson(library.packages));
    await run(library, folder, [
      'npm',
      'install',
      '--no-audit',
      '--no-fund',
      '--legacy-peer-deps',
      '--ignore-scripts',
      '--workspaces=false',
    ]);
    return { command: process.execPath, args: ['main.mjs'], env: {} };
  },
  async pypi(library, folder) {
    const python = path.join(folder, 'venv/bin/python');
    await run(library, folder, ['python3', '-m', 'venv', 'venv']);
    await run(library, folder, [
      python,
      '-m',
      'pip',
      'install',
      '--no-input',
      '--disable-pip-version-check',
      ...listed(library.packages, '=='),
    ]);
    return { command: python, args: ['main.py'], env: { PYTHONDONTWRITEBYTECODE: '1' } };
  },
  async maven(library, folder) {
    writeFileSync(path.join(folder, 'pom.xml'), pomXml(library.packages));
    const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:build-classpath';
    await run(library, folder, ['mvn', '--batch-mode', '--no-transfer-progress', goal, '-Dmdep.outputFile=classpath']);
    const classpath = readFileSync(path.join(folder, 'classpath'), 'utf8').trim();
    return { command: programOf('java'), args: ['-cp', classpath, 'Main.java'], env: {} };
  },
  async go(library, folder) {
    if (!existsSync(path.join(folder, 'go.mod'))) await run(library, folder, ['go', 'mod', 'init', 'program']);
    await run(library, folder, ['go', 'get', ...listed(library.packages, '@')]);
    await run(library, folder, ['go', 'build', '-o', 'program', '.'], { GOFLAGS: '-mod=mod' });
    return { command: path.join(folder, 'program'), args: [], env: {} };
  },
  async crates(library, folder) {
    writeFileSync(path.join(folder, 'Cargo.toml'), cargoToml(library.packages));
    await run(library, folder, ['cargo', 'build', '--quiet']);
    return { command: path.join(folder, 'target/debug/program'), args: [], env: {} };
  },
  async debian(library, folder) {
    const archives = path.join(folder, 'archives');
    mkdirSync(path.join(archives, 'partial'), { recursive: true });
    const install = [
      'install',
      '-y',
      '--download-only',
      '--reinstall',
      '--no-install-recommends',
      '-o',
      `Dir::Cache::archives=${archives}`,
    ];
    await run(library, folder, ['apt-get', ...install, '-o', 'APT::Sandbox::User=root', ...listed(library.packages, '=')]);
    const root = path.join(folder, 'root');
    for (const file of readdirSync(archives).filter((name) => name.endsWith('.deb')))
      await run(library, folder, ['dpkg-deb', '-x', path.join(archives, file), root]);
    return existsSync(path.join(folder, 'main.php')) ? phpProgram(root) : rubyProgram(root);
  },
};

function phpProgram(root: string): Omit<Program, 'cwd'> {
  const extensions = outputOf(programOf('php'), ['-n', '-r', 'echo ini_get("extension_dir");']) ?? '';
  const folder = [path.join(root, extensions), extensions].find((one) => existsSync(path.join(one, 'redis.so'))) ?? extensions;
  const needed = ['ctype', 'tokenizer', 'iconv', 'igbinary', 'redis'].filter((name) => existsSync(path.join(folder, `${name}.so`)));
  const words = needed.map((name) => `-dextension=${path.join(folder, `${name}.so`)}`);
  return {
    command: programOf('php'),
    args: ['-n', ...words, `-dinclude_path=.:${path.join(root, 'usr/share/php')}`, 'main.php'],
    env: { CORPUS_ROOT: root },
  };
}

function rubyProgram(root: string): Omit<Program, 'cwd'> {
  const integration = path.join(root, 'usr/share/rubygems-integration');
  const gems = [...(existsSync(integration) ? readdirSync(integration).map((one) => path.join(integration, one)) : [])];
  const libraries = ['usr/lib/ruby/vendor_ruby', 'usr/lib/x86_64-linux-gnu/ruby/vendor_ruby/3.1.0'].map((one) => path.join(root, one));
  return {
    command: programOf('ruby'),
    args: ['main.rb'],
    env: { RUBYLIB: libraries.join(':'), GEM_PATH: [...gems, '/usr/share/rubygems-integration/all'].join(':') },
  };
}

/** Installs what is not there yet. The program is always the checkout's. */
export async function installLibrary(library: Library): Promise<Program> {
  if (library.registry === 'source')
    throw new Error(`${library.name} cannot be installed: its recording is written by hand from the library's source.`);
  const folder = folderOf(library.name);
  const stamp = path.join(folder, '.stamp');
  const wanted = JSON.stringify(library.packages);
  const isInstalled = existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
  if (!isInstalled) rmSync(stamp, { force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(path.join(PROGRAMS, library.program ?? library.name), folder, { recursive: true });
  const isCompiled = library.registry === 'go' || library.registry === 'crates';
  const file = path.join(folder, '.command');
  const program =
    isInstalled && !isCompiled
      ? (JSON.parse(readFileSync(file, 'utf8')) as Omit<Program, 'cwd'>)
      : await INSTALLS[library.registry](library, folder);
  writeFileSync(file, JSON.stringify(program));
  writeFileSync(stamp, wanted);
  return { ...program, args: [...program.args, ...(library.args ?? [])], cwd: folder };
}
