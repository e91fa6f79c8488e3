/** PHP applications of Debian's packages: unpacked into a folder of their own, with the PHP that is among them as the server. */
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../../../lab/processes/free-port.ts';
import { type Server, startServer } from '../../third-party/servers.ts';
import { librariesOf, placePackages } from './place-packages.ts';

const COPY_MS = 120_000;
const EXTENSIONS = '20220829';
/** Each needs those before it. */
const ORDER = ['mysqlnd', 'pdo', 'xml', 'dom', 'mbstring'];
/** PHP itself, for the list of an application's packages. */
export const PHP = { 'php8.2-cli': '8.2*', 'php8.2-xml': '8.2*', 'php8.2-mbstring': '8.2*' } as const;

export interface Php {
  /** Where the packages are. */
  readonly root: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The program, with the words that it always has. */
  readonly command: readonly [string, ...string[]];
}

/** A copy of the packages, which works where it is. @param names folders below `usr/share`, `etc` and `var/lib` whose files name places */
export async function placePhp(installed: string, folder: string, names: readonly string[]): Promise<Php> {
  const root = await placePackages(installed, folder, names);
  const libraries = path.join(root, 'usr/lib/php', EXTENSIONS);
  const rank = (name: string) => (ORDER.indexOf(name) + ORDER.length + 1) % (ORDER.length + 1);
  const extensions = readdirSync(libraries)
    .map((file) => path.parse(file).name)
    .filter((name) => name !== 'opcache')
    .sort((one, next) => rank(one) - rank(next));
  return {
    root,
    // Without the machine's settings.
    environment: { LD_LIBRARY_PATH: librariesOf(root), TMPDIR: folder, PHP_INI_SCAN_DIR: '' },
    command: [
      path.join(root, 'usr/bin/php8.2'),
      '-c',
      path.join(root, 'usr/lib/php/8.2/php.ini-production.cli'),
      ...extensions.map((name) => `-dextension=${path.join(libraries, `${name}.so`)}`),
      `-dinclude_path=.:${path.join(root, 'usr/share/php')}`,
      `-dsession.save_path=${folder}`,
      `-dsys_temp_dir=${folder}`,
      '-ddisplay_errors=0',
      '-derror_reporting=E_ALL&~E_DEPRECATED',
      `-derror_log=${path.join(folder, 'php.log')}`,
    ],
  };
}

export async function runPhp(php: Php, words: readonly string[], cwd: string): Promise<string> {
  const environment = { PATH: process.env['PATH'] ?? '', ...php.environment };
  const [program, ...own] = php.command;
  return (await promisify(execFile)(program, [...own, ...words], { cwd, timeout: COPY_MS, env: environment })).stdout;
}

/** @param served folder of the pages @param probe a page that answers */
export async function servePhp(php: Php, served: string, probe: string, folder: string): Promise<readonly Server[]> {
  const port = await freePort();
  return [
    await startServer({
      command: [...php.command, '-S', `127.0.0.1:${port}`, '-t', served],
      folder: served,
      port,
      path: probe,
      logFile: path.join(folder, 'server.log'),
      environment: php.environment,
    }),
  ];
}
