/** The admin pages of a new Django project, as `startproject` makes it. */
import { execFile } from 'node:child_process';
import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../../lab/processes/free-port.ts';
import { ensureDjango } from '../../../setup/set-up.mjs';
import { type Server, startServer, startTwo } from './servers.ts';

const COMMAND_MS = 120_000;
/**
 * A million rounds for each login are half a second of work, and have nothing to do with sessions. Behind HTTPS Django has to know it:
 * otherwise it refuses every form of a browser, whose Origin is not its own.
 */
const SETTINGS = `
PASSWORD_HASHERS = ['django.contrib.auth.hashers.MD5PasswordHasher']
SECURE_PROXY_SSL_HEADER = ('HTTP_X_FORWARDED_PROTO', 'https')
`;

/** @param passwords by name */
export async function startDjangoAdmin(folder: string, passwords: Readonly<Record<string, string>>): Promise<readonly Server[]> {
  const python = await ensureDjango();
  const run = (cwd: string, words: readonly string[], more: Record<string, string> = {}) =>
    promisify(execFile)(python, words, { cwd, timeout: COMMAND_MS, env: { PATH: process.env['PATH'] ?? '', ...more } });
  await run(folder, ['-m', 'django', 'startproject', 'shop']);
  const project = path.join(folder, 'shop');
  await appendFile(path.join(project, 'shop/settings.py'), SETTINGS);
  await run(project, ['manage.py', 'migrate', '--verbosity', '0']);
  for (const [name, password] of Object.entries(passwords))
    await run(project, ['manage.py', 'createsuperuser', '--noinput', '--username', name, '--email', 'canary@example.com'], {
      DJANGO_SUPERUSER_PASSWORD: password,
    });
  return startTwo(async (number) => {
    const port = await freePort();
    return startServer({
      command: [python, 'manage.py', 'runserver', '--noreload', `127.0.0.1:${port}`],
      folder: project,
      port,
      path: '/admin/login/',
      logFile: path.join(folder, `django-${number}.log`),
    });
  });
}
