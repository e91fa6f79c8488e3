/** phpMyAdmin: its users are those of the database. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Unseen } from '../unseen-app.ts';
import { startMariadb } from './mariadb.ts';
import { PHP, placePhp, servePhp } from './php.ts';

export const phpmyadmin: Unseen = {
  registry: 'debian',
  packages: { phpmyadmin: '4:5.2*', 'php8.2-mysql': '8.2*', 'mariadb-server': '1:10.11*', ...PHP },
  cookie: 'phpMyAdmin_https',
  async start(installed, folder, passwords) {
    const php = await placePhp(path.join(installed, 'root'), folder, ['phpmyadmin', 'php']);
    const users = Object.entries(passwords).map(([name, password]) => `CREATE USER '${name}'@'%' IDENTIFIED BY '${password}'`);
    const database = await startMariadb(path.join(installed, 'root'), folder, users);
    const settings = `<?php
$cfg['blowfish_secret'] = '${'k'.repeat(32)}';
$cfg['TempDir'] = '${folder}';
$i = 1;
$cfg['Servers'][1]['auth_type'] = 'cookie';
$cfg['Servers'][1]['host'] = '127.0.0.1';
$cfg['Servers'][1]['port'] = '${database.port}';
`;
    await writeFile(path.join(php.root, 'etc/phpmyadmin/config.inc.php'), settings);
    try {
      const servers = await servePhp(php, path.join(php.root, 'usr/share/phpmyadmin'), '/index.php', folder);
      return [...servers, database];
    } catch (error) {
      await database.stop();
      throw error;
    }
  },
};
