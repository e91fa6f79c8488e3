/** WordPress: its settings are in `/etc`, by the host's name, as Debian has them. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Unseen } from '../unseen-app.ts';
import { startMariadb } from './mariadb.ts';
import { PHP, placePhp, runPhp, servePhp } from './php.ts';

const STATEMENTS = ['CREATE DATABASE wp', "CREATE USER wp@'%' IDENTIFIED BY 'only-here'", "GRANT ALL ON wp.* TO wp@'%'"];

/** The port is another one in each run. */
const settings = (root: string, port: number): string => `<?php
define('DB_NAME', 'wp');
define('DB_USER', 'wp');
define('DB_PASSWORD', 'only-here');
define('DB_HOST', '127.0.0.1:${port}');
define('WP_CONTENT_DIR', '${root}/var/lib/wordpress/wp-content');
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('DISABLE_WP_CRON', true);
$_SERVER['HTTPS'] = 'on';
define('WP_HOME', 'https://' . ($_SERVER['HTTP_HOST'] ?? 'localhost'));
define('WP_SITEURL', WP_HOME);
`;

const INSTALL = `
define('WP_INSTALLING', true);
$_SERVER['HTTP_HOST'] = 'localhost';
require 'wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install('Site', 'keeper', 'keeper@example.com', false, '', 'only-for-the-installation-1');
foreach (json_decode($argv[1], true) as $name => $password)
  wp_insert_user(['user_login' => $name, 'user_pass' => $password, 'user_email' => "$name@example.com", 'role' => 'subscriber']);
`;

export const wordpress: Unseen = {
  registry: 'debian',
  packages: {
    wordpress: '6.1*',
    'wordpress-theme-twentytwentytwo': '6.1*',
    'php8.2-mysql': '8.2*',
    'mariadb-server': '1:10.11*',
    ...PHP,
  },
  cookie: 'wordpress_logged_in_',
  async start(installed, folder, passwords) {
    const php = await placePhp(path.join(installed, 'root'), folder, ['wordpress']);
    const database = await startMariadb(path.join(installed, 'root'), folder, STATEMENTS);
    try {
      await writeFile(path.join(php.root, 'etc/wordpress/config-localhost.php'), settings(php.root, database.port));
      const pages = path.join(php.root, 'usr/share/wordpress');
      await runPhp(php, ['-r', INSTALL, JSON.stringify(passwords)], pages);
      return [...(await servePhp(php, pages, '/wp-login.php', folder)), database];
    } catch (error) {
      await database.stop();
      throw error;
    }
  },
};
