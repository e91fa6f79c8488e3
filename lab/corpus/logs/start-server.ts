/** How each server is started on a port, with its logs in a folder: its command, its configuration, and its environment. */
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Program } from '../record/install.ts';
import type { LogServer } from './log-server.ts';

export interface Place {
  /** The server's port; the next one is the application's own control, of which no log has anything. */
  readonly port: number;
  /** Of the application behind a proxy. */
  readonly behind: number;
  readonly folder: string;
}

export type Command = Pick<Program, 'command' | 'args' | 'env'>;

const quoted = (text: string): string => text.replaceAll('"', '\\"');

/** Configurations of the proxies, by the file that has them. */
const CONFIGURATIONS: Readonly<Record<string, (server: LogServer, place: Place, root: string) => string>> = {
  nginx: ({ formats }, { port, behind, folder }) => `
daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log;
events {}
http {
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((of) => `${of}_temp_path ${folder}/${of};`).join(' ')}
  ${formats.map(({ name, written }) => `log_format ${name} ${name.endsWith('json') ? 'escape=json ' : ''}'${written}'; access_log ${folder}/${name}.log ${name};`).join('\n  ')}
  server { listen 127.0.0.1:${port}; location / { proxy_pass http://127.0.0.1:${behind}; proxy_redirect off; } }
}`,
  apache: ({ formats }, { port, behind, folder }, root) => `
ServerRoot ${root}/usr/lib/apache2
${['mpm_event', 'authz_core', 'proxy', 'proxy_http'].map((name) => `LoadModule ${name}_module modules/mod_${name}.so`).join('\n')}
PidFile ${folder}/pid
ServerName shop.example
Listen 127.0.0.1:${port}
ErrorLog ${folder}/error.log
${formats.map(({ name, written }) => `CustomLog ${folder}/${name}.log "${quoted(written)}"`).join('\n')}
ProxyPass / http://127.0.0.1:${behind}/
`,
  haproxy: (_, { port, behind }) => `
global
  log stdout format raw local0
defaults
  mode http
  log global
  option httplog
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend shop
  bind 127.0.0.1:${port}
  capture cookie SID= len 200
  default_backend app
backend app
  server app1 127.0.0.1:${behind}
`,
  caddy: ({ formats }, { port, behind, folder }) => `
{
  admin off
  auto_https off
  servers {
    log_credentials
  }
}
http://127.0.0.1:${port} {
  log {
    output file ${folder}/${formats[0]?.name}.log
  }
  reverse_proxy 127.0.0.1:${behind}
}
`,
  lighttpd: ({ formats }, { port, behind, folder }, root) => `
server.modules = ("mod_accesslog", "mod_proxy")
server.document-root = "${folder}"
server.bind = "127.0.0.1"
server.port = ${port}
server.errorlog = "${folder}/error.log"
accesslog.filename = "${folder}/${formats[0]?.name}.log"
accesslog.format = "${quoted(formats[0]?.written ?? '')}"
proxy.server = ("" => (("host" => "127.0.0.1", "port" => ${behind})))
# ${root}
`,
};

/** @param home folder of the installed packages */
export function commandOf(server: LogServer, program: Program, place: Place): Command {
  const { port, folder } = place;
  const root = path.join(program.cwd, 'root');
  const file = path.join(folder, 'configuration');
  const write = CONFIGURATIONS[server.name];
  if (write !== undefined) writeFileSync(file, write(server, place, root));
  const library = ['usr/lib/x86_64-linux-gnu', 'lib/x86_64-linux-gnu', 'usr/lib'].map((one) => path.join(root, one)).join(':');
  const own = (command: string, ...args: string[]): Command => ({
    command: path.join(root, command),
    args,
    env: { LD_LIBRARY_PATH: library, HOME: folder },
  });
  const [first] = server.formats;
  switch (server.name) {
    case 'nginx':
      return own('usr/sbin/nginx', '-c', file, '-p', folder);
    case 'apache':
      return own('usr/sbin/apache2', '-X', '-f', file);
    case 'haproxy':
      return own('usr/sbin/haproxy', '-db', '-f', file);
    case 'caddy':
      return own('usr/bin/caddy', 'run', '--adapter', 'caddyfile', '--config', file);
    case 'lighttpd':
      return own('usr/sbin/lighttpd', '-D', '-f', file, '-m', path.join(root, 'usr/lib/lighttpd'));
    case 'puma':
      return {
        command: program.command,
        args: [
          existsSync(path.join(root, 'usr/bin/puma')) ? path.join(root, 'usr/bin/puma') : 'puma',
          '--log-requests',
          '-b',
          `tcp://127.0.0.1:${port}`,
          path.join(program.cwd, 'config.ru'),
        ],
        env: { ...program.env, FLUSHED: path.join(folder, 'flushed') },
      };
    case 'node':
      return {
        command: program.command,
        args: ['main.mjs', String(port), folder],
        env: { MORGAN_SESSIONS: server.formats.find(({ name }) => name === 'morgan-sessions')?.written ?? '' },
      };
    case 'go':
      return { command: program.command, args: [String(port), folder], env: {} };
  }
  if (server.registry === 'pypi') return { command: path.join(program.cwd, 'venv/bin/python'), ...pythonWords(server, place) };
  const words = server.formats.map(({ name, written }) => `${name}=${written}`);
  const language = server.locale === undefined ? [] : [`-Duser.language=${server.locale}`, `-Duser.country=${server.locale.toUpperCase()}`];
  return {
    command: program.command,
    args: [...language, ...program.args, server.name.replace(/-de$/, ''), String(port), folder, ...words],
    env: { CORPUS: first?.name ?? '' },
  };
}

function pythonWords({ server, formats }: LogServer, { port, folder }: Place): Omit<Command, 'command'> {
  const [first] = formats;
  const log = path.join(folder, `${first?.name}.log`);
  const env = { FLUSHED: path.join(folder, 'flushed'), PYTHONDONTWRITEBYTECODE: '1' };
  if (server === 'gunicorn')
    return {
      args: ['-m', 'gunicorn', '-b', `127.0.0.1:${port}`, '--access-logfile', log, '--access-logformat', first?.written ?? '', 'shop:wsgi'],
      env,
    };
  const file = path.join(folder, 'logging.json');
  writeFileSync(
    file,
    JSON.stringify({
      version: 1,
      formatters: { access: { '()': 'uvicorn.logging.AccessFormatter', fmt: first?.written, use_colors: false } },
      handlers: { access: { class: 'logging.FileHandler', formatter: 'access', filename: log } },
      loggers: { 'uvicorn.access': { handlers: ['access'], level: 'INFO', propagate: false } },
    }),
  );
  return { args: ['-m', 'uvicorn', '--port', String(port), '--log-config', file, 'shop:asgi'], env };
}
