/** DokuWiki: users in a file, pages for logged-in users alone. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Unseen } from '../unseen-app.ts';
import { PHP, placePhp, runPhp, servePhp } from './php.ts';

const SETTINGS = `<?php
$conf['title'] = 'Wiki';
$conf['license'] = '0';
$conf['useacl'] = 1;
$conf['authtype'] = 'authplain';
$conf['superuser'] = '@admin';
`;

export const dokuwiki: Unseen = {
  registry: 'debian',
  packages: { dokuwiki: '0.0.2022*', ...PHP },
  cookie: 'DokuWiki',
  async start(installed, folder, passwords) {
    const php = await placePhp(path.join(installed, 'root'), folder, ['dokuwiki']);
    const conf = path.join(php.root, 'etc/dokuwiki');
    const acl = path.join(php.root, 'var/lib/dokuwiki/acl');
    await mkdir(acl, { recursive: true });
    await writeFile(path.join(conf, 'local.php'), SETTINGS);
    await writeFile(path.join(acl, 'acl.auth.php'), '*\t@ALL\t1\n*\t@user\t8\n');
    const lines: string[] = [];
    for (const [name, password] of Object.entries(passwords)) {
      const hash = await runPhp(php, ['-r', 'echo password_hash($argv[1], PASSWORD_BCRYPT, ["cost" => 4]);', password], folder);
      lines.push(`${name}:${hash}:${name}:${name}@example.com:user\n`);
    }
    await writeFile(path.join(acl, 'users.auth.php'), lines.join(''));
    return servePhp(php, path.join(php.root, 'usr/share/dokuwiki'), '/doku.php', folder);
  },
};
