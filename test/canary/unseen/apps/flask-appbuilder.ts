/** Flask-AppBuilder: the smallest application of its documentation, with its own login and users. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../../../lab/processes/free-port.ts';
import { startServer } from '../../third-party/servers.ts';
import type { Unseen } from '../unseen-app.ts';

const COMMAND_MS = 120_000;
const APP = `import os
from flask import Flask
from flask_appbuilder import AppBuilder
from flask_appbuilder.utils.legacy import get_sqla_class

app = Flask(__name__)
app.config['SECRET_KEY'] = 'a-key-of-this-test-alone'
app.config['SQLALCHEMY_DATABASE_URI'] = 'sqlite:///' + os.path.join(os.path.dirname(os.path.abspath(__file__)), 'app.db')
app.config['WTF_CSRF_ENABLED'] = False
app.config['RATELIMIT_ENABLED'] = False
db = get_sqla_class()(app)
with app.app_context():
    appbuilder = AppBuilder(app, db.session)
`;

export const flaskAppbuilder: Unseen = {
  registry: 'pypi',
  packages: { 'flask-appbuilder': '5.3.0' },
  cookie: 'session',
  async start(installed, folder, passwords) {
    const python = path.join(installed, 'venv/bin/python');
    await writeFile(path.join(folder, 'app.py'), APP);
    const environment = { PATH: process.env['PATH'] ?? '', FLASK_APP: 'app' };
    for (const [name, password] of Object.entries(passwords))
      await promisify(execFile)(
        python,
        [
          '-m',
          'flask',
          'fab',
          'create-admin',
          '--username',
          name,
          '--firstname',
          name,
          '--lastname',
          'X',
          '--email',
          `${name}@example.com`,
          '--password',
          password,
        ],
        { cwd: folder, timeout: COMMAND_MS, env: environment },
      );
    const port = await freePort();
    return [
      await startServer({
        command: [python, '-m', 'flask', 'run', '--port', String(port)],
        folder,
        port,
        path: '/login/',
        logFile: path.join(folder, 'server.log'),
        environment,
      }),
    ];
  },
};
