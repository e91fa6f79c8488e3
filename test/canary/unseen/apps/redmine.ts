/** Redmine: Rails, with a database in a file. */
import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../../../lab/processes/free-port.ts';
import { startServer } from '../../third-party/servers.ts';
import { LIBRARIES } from '../debian-packages.ts';
import type { Unseen } from '../unseen-app.ts';
import { librariesOf, placePackages } from './place-packages.ts';

const COMMAND_MS = 240_000;
/** Of Ruby's interface for libraries. */
const VERSION = '3.1.0';
const BUNDLER = 'usr/share/rubygems-integration/all/gems/bundler-2.3.15/lib';

/** A person who may see nothing but the own account. */
const person = (name: string, password: string): string =>
  `User.new(login: '${name}', firstname: '${name}', lastname: 'X', mail: '${name}@example.com', password: '${password}', language: 'en').save!`;

export const redmine: Unseen = {
  registry: 'debian',
  packages: { redmine: '5.0*', 'redmine-sqlite': '5.0*', puma: '5.6*', ruby: '1:3.1*' },
  cookie: '_redmine_session',
  async start(installed, folder, passwords) {
    const root = await placePackages(path.join(installed, 'root'), folder, ['redmine']);
    const place = path.join(root, 'usr/share/redmine');
    const own = path.join(root, 'var/lib/redmine/default');
    for (const name of ['config', 'tmp/cache', 'log', 'files']) await mkdir(path.join(own, name), { recursive: true });
    await rm(path.join(place, 'Gemfile.lock'), { force: true });
    await rm(path.join(place, 'config/database.yml'), { force: true });
    await writeFile(path.join(place, 'Gemfile.local'), "gem 'puma'\n");
    const database = `production:\n  adapter: sqlite3\n  database: ${path.join(folder, 'redmine.db')}\n`;
    for (const one of [path.join(place, 'config'), path.join(own, 'config')]) await writeFile(path.join(one, 'database.yml'), database);
    const below = (...names: string[]) => names.map((name) => path.join(root, name)).join(':');
    const environment = {
      // Its own ruby comes first.
      PATH: `${path.join(root, 'usr/bin')}:${process.env['PATH']}`,
      HOME: folder,
      LD_LIBRARY_PATH: librariesOf(root),
      GEM_PATH: below(
        'usr/lib/ruby/gems/3.1.0',
        ...['all', VERSION].map((name) => `usr/share/rubygems-integration/${name}`),
        `${LIBRARIES}/rubygems-integration/${VERSION}`,
      ),
      RUBYLIB: below(
        'usr/lib/ruby/vendor_ruby',
        `${LIBRARIES}/ruby/vendor_ruby/${VERSION}`,
        'usr/lib/ruby/3.1.0',
        `${LIBRARIES}/ruby/${VERSION}`,
        BUNDLER,
      ),
      RAILS_ENV: 'production',
      SECRET_KEY_BASE: 'only-for-this-test'.repeat(3),
      REDMINE_LANG: 'en',
    };
    const ruby = path.join(root, 'usr/bin/ruby3.1');
    const words = [path.join(root, 'usr/bin/bundle'), 'exec'];
    const run = (more: readonly string[]) =>
      promisify(execFile)(ruby, [...words, ...more], { cwd: place, timeout: COMMAND_MS, env: environment, maxBuffer: 10_000_000 });
    await run(['rake', 'db:migrate']);
    await run([
      'bin/rails',
      'runner',
      Object.entries(passwords)
        .map(([name, password]) => person(name, password))
        .join(';'),
    ]);
    const port = await freePort();
    return [
      await startServer({
        command: [ruby, ...words, 'bin/rails', 'server', '-b', '127.0.0.1', '-p', String(port), '-P', path.join(folder, 'pid')],
        folder: place,
        port,
        path: '/login',
        logFile: path.join(folder, 'server.log'),
        environment,
      }),
    ];
  },
};
