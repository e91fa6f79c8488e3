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

type Command = Omit<Program, 'cwd'>;

/** What is installed to be run. */
export type Installable = Pick<Library, 'name' | 'registry' | 'packages' | 'program' | 'args'>;

interface Registry {
  install(library: Installable, folder: string): Promise<void>;
  command(folder: string): Command;
  /** The program has to be compiled whenever it changed. */
  readonly isCompiled?: boolean;
}

/** @param words a command with its arguments */
async function run(
  library: Installable,
  folder: string,
  words: readonly [string, ...string[]],
  env: NodeJS.ProcessEnv = {},
): Promise<void> {
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

const REGISTRIES: Readonly<Record<Exclude<Library['registry'], 'source'>, Registry>> = {
  npm: {
    async install(library, folder) {
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
    },
    command: () => ({ command: process.execPath, args: ['main.mjs'], env: {} }),
  },
  pypi: {
    async install(library, folder) {
      await run(library, folder, ['python3', '-m', 'venv', 'venv']);
      await run(library, folder, [
        pythonOf(folder),
        '-m',
        'pip',
        'install',
        '--no-input',
        '--no-compile',
        '--disable-pip-version-check',
        ...listed(library.packages, '=='),
      ]);
    },
    command: (folder) => ({ command: pythonOf(folder), args: ['main.py'], env: { PYTHONDONTWRITEBYTECODE: '1' } }),
  },
  maven: {
    async install(library, folder) {
      writeFileSync(path.join(folder, 'pom.xml'), pomXml(library.packages));
      const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:build-classpath';
      await run(library, folder, ['mvn', '--batch-mode', '--no-transfer-progress', goal, '-Dmdep.outputFile=classpath']);
    },
    command: (folder) => ({
      command: programOf('java'),
      args: ['-cp', readFileSync(path.join(folder, 'classpath'), 'utf8').trim(), 'Main.java'],
      env: {},
    }),
  },
  go: {
    async install(library, folder) {
      if (!existsSync(path.join(folder, 'go.mod'))) await run(library, folder, ['go', 'mod', 'init', 'program']);
      await run(library, folder, ['go', 'get', ...listed(library.packages, '@')]);
      await run(library, folder, ['go', 'build', '-o', 'program', '.'], { GOFLAGS: '-mod=mod' });
    },
    command: (folder) => ({ command: path.join(folder, 'program'), args: [], env: {} }),
    isCompiled: true,
  },
  crates: {
    async install(library, folder) {
      writeFileSync(path.join(folder, 'Cargo.toml'), cargoToml(library.packages));
      await run(library, folder, ['cargo', 'build', '--quiet']);
    },
    command: (folder) => ({ command: path.join(folder, 'target/debug/program'), args: [], env: {} }),
    isCompiled: true,
  },
  debian: {
    async install(library, folder) {
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
    },
    command: (folder) => (existsSync(path.join(folder, 'main.php')) ? phpCommand : rubyCommand)(path.join(folder, 'root')),
  },
};

const pythonOf = (folder: string): string => path.join(folder, 'venv/bin/python');

function phpCommand(root: string): Command {
  const php = programOf('php');
  const machines = outputOf(php, ['-n', '-r', 'echo ini_get("extension_dir");']) ?? '';
  // What the machine has was not downloaded. Some extensions need one before them.
  const extensions = ['ctype', 'iconv', 'mbstring', 'tokenizer', 'igbinary', 'redis', 'mysqlnd'].flatMap((name) =>
    [path.join(root, machines), machines]
      .map((folder) => path.join(folder, `${name}.so`))
      .filter((file) => existsSync(file))
      .slice(0, 1),
  );
  const words = ['-n', ...extensions.map((file) => `-dextension=${file}`), `-dinclude_path=.:${path.join(root, 'usr/share/php')}`];
  return { command: php, args: [...words, 'main.php'], env: {} };
}

function rubyCommand(root: string): Command {
  const ruby = programOf('ruby');
  const unpacked = ['usr/share/rubygems-integration', 'usr/lib/x86_64-linux-gnu/rubygems-integration']
    .map((folder) => path.join(root, folder))
    .flatMap((folder) => (existsSync(folder) ? readdirSync(folder).map((one) => path.join(folder, one)) : []));
  const machines = outputOf(ruby, ['-e', 'print Gem.path.join(":")']) ?? '';
  const libraries = ['usr/lib/ruby/vendor_ruby', 'usr/lib/x86_64-linux-gnu/ruby/vendor_ruby/3.1.0'].map((one) => path.join(root, one));
  return { command: ruby, args: ['main.rb'], env: { RUBYLIB: libraries.join(':'), GEM_PATH: [...unpacked, machines].join(':') } };
}

/** Installs what is not there yet. The program is always the checkout's. */
export async function installLibrary(library: Installable): Promise<Program> {
  if (library.registry === 'source')
    throw new Error(`${library.name} cannot be installed: its recording is written by hand from the library's source.`);
  const folder = folderOf(library.name);
  await installPackages(library, folder, path.join(PROGRAMS, library.program ?? library.name));
  const command = REGISTRIES[library.registry].command(folder);
  return { ...command, args: [...command.args, ...(library.args ?? [])], cwd: folder };
}

/** Installs what is not there yet. @param program folder of what is compiled or run next to the packages @returns whether it was not there */
export async function installPackages(library: Installable, folder: string, program?: string): Promise<boolean> {
  if (library.registry === 'source') return false;
  const stamp = path.join(folder, '.stamp');
  const wanted = JSON.stringify(library.packages);
  const isInstalled = existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
  if (!isInstalled) rmSync(stamp, { force: true });
  mkdirSync(folder, { recursive: true });
  if (program !== undefined) cpSync(program, folder, { recursive: true });
  const registry = REGISTRIES[library.registry];
  if (!isInstalled || registry.isCompiled) await registry.install(library, folder);
  writeFileSync(stamp, wanted);
  return !isInstalled;
}
