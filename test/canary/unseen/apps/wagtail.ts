/** Wagtail: the administration of a new project, as its command makes it. */
import { execFile } from 'node:child_process';
import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../../../lab/processes/free-port.ts';
import { startServer } from '../../third-party/servers.ts';
import type { Unseen } from '../unseen-app.ts';

const COMMAND_MS = 180_000;
/** A million rounds for each login are half a second of work, and have nothing to do with sessions. */
const SETTINGS = `
PASSWORD_HASHERS = ['django.contrib.auth.hashers.MD5PasswordHasher']
SECURE_PROXY_SSL_HEADER = ('HTTP_X_FORWARDED_PROTO', 'https')
`;

export const wagtail: Unseen = {
  registry: 'pypi',
  packages: { wagtail: '8.0.1' },
  cookie: 'sessionid',
  async start(installed, folder, passwords) {
    const programs = path.join(installed, 'venv/bin');
    const run = (program: string, words: readonly string[], cwd: string, more: Record<string, string> = {}) =>
      promisify(execFile)(path.join(programs, program), words, {
        cwd,
        timeout: COMMAND_MS,
        env: { PATH: process.env['PATH'] ?? '', ...more },
      });
    await run('python', [path.join(programs, 'wagtail'), 'start', 'site1', folder], folder);
    await appendFile(path.join(folder, 'site1/settings/dev.py'), SETTINGS);
    await run('python', ['manage.py', 'migrate', '--verbosity', '0'], folder);
    for (const [name, password] of Object.entries(passwords))
      await run('python', ['manage.py', 'createsuperuser', '--noinput', '--username', name, '--email', `${name}@example.com`], folder, {
        DJANGO_SUPERUSER_PASSWORD: password,
      });
    const port = await freePort();
    return [
      await startServer({
        command: [path.join(programs, 'python'), 'manage.py', 'runserver', '--noreload', `127.0.0.1:${port}`],
        folder,
        port,
        path: '/admin/login/',
        logFile: path.join(folder, 'server.log'),
      }),
    ];
  },
};
