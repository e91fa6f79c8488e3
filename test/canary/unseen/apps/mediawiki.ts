/** MediaWiki: with a database in a file, installed by its own script. */
import { appendFile, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Unseen } from '../unseen-app.ts';
import { PHP, placePhp, runPhp, servePhp } from './php.ts';

/** The port is another one in each run, and password hashes cost time alone. */
const SETTINGS = `
$wgServer = 'https://' . ( $_SERVER['HTTP_HOST'] ?? 'localhost' );
$wgPasswordDefault = 'pbkdf2';
$wgPasswordConfig['pbkdf2']['cost'] = '1000';
$wgPasswordAttemptThrottle = [];
$wgMainCacheType = CACHE_DB;
$wgSessionCacheType = CACHE_DB;
`;

export const mediawiki: Unseen = {
  registry: 'debian',
  packages: { mediawiki: '1:1.39*', 'php8.2-sqlite3': '8.2*', ...PHP },
  cookie: 'wiki_session',
  async start(installed, folder, passwords) {
    const php = await placePhp(path.join(installed, 'root'), folder, ['mediawiki']);
    const pages = path.join(php.root, 'var/lib/mediawiki');
    await rm(path.join(pages, 'LocalSettings.php'), { force: true });
    await mkdir(path.join(folder, 'data'));
    const install = path.join('maintenance', 'install.php');
    const words = ['--dbtype', 'sqlite', '--dbname', 'wiki', '--dbpath', path.join(folder, 'data'), '--server', 'https://localhost'];
    const rest = ['--scriptpath', '', '--pass', 'only-for-the-installation-1', '--skins', 'Vector', 'Wiki', 'Keeper'];
    await runPhp(php, [install, ...words, ...rest], pages);
    await appendFile(path.join(pages, 'LocalSettings.php'), SETTINGS);
    for (const [name, password] of Object.entries(passwords))
      await runPhp(php, [path.join('maintenance', 'createAndPromote.php'), name, password], pages);
    return servePhp(php, pages, '/index.php?title=Special:UserLogin', folder);
  },
};
