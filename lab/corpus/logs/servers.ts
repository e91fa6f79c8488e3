/** The servers whose access logs are recorded, and the formats of each. */
import type { LogFormat, LogServer } from './log-server.ts';

const format = (name: string, origin: LogFormat['origin'], written: string, pattern?: LogFormat['pattern']): LogFormat => ({
  name,
  origin,
  written,
  ...(pattern !== undefined && { pattern }),
});

const NODE = { express: '5.2.1', 'express-session': '1.19.0', morgan: '1.12.1', pino: '10.1.0', 'pino-http': '11.0.0' };
const SERVLET = {
  'org.apache.tomcat.embed:tomcat-embed-core': '10.1.48',
  'org.eclipse.jetty.ee10:jetty-ee10-servlet': '12.0.23',
  'io.undertow:undertow-servlet': '2.3.18.Final',
};
const servlet = (name: string, server: string, version: string, more: Pick<LogServer, 'formats'> & Partial<LogServer>): LogServer => ({
  name,
  server,
  version,
  registry: 'maven',
  packages: SERVLET,
  program: 'logs-servlet',
  cookie: 'JSESSIONID',
  ...more,
});
const proxy = (name: string, server: string, packages: LogServer['packages'], formats: readonly LogFormat[]): LogServer => ({
  name,
  server,
  version: (packages[Object.keys(packages)[0] as string] as string).replace(/[-+~].*$/, ''),
  registry: 'debian',
  packages,
  cookie: 'SID',
  hasSecret: true,
  formats,
});
const python = (server: 'gunicorn' | 'uvicorn', one: LogFormat): LogServer => ({
  name: one.name,
  server,
  version: server === 'gunicorn' ? '23.0.0' : '0.34.0',
  registry: 'pypi',
  packages: { gunicorn: '23.0.0', uvicorn: '0.34.0' },
  program: 'logs-python',
  cookie: 'sessionid',
  formats: [one],
});

/** HAProxy's `option httplog`, as its manual has it. */
const HTTPLOG = '%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r';

const ALL: readonly LogServer[] = [
  {
    name: 'node',
    server: 'Express',
    version: '5.2.1',
    registry: 'npm',
    packages: NODE,
    program: 'logs-node',
    cookie: 'SID',
    hasSecret: true,
    formats: [
      format('morgan-combined', 'default', 'combined'),
      format(
        'morgan-sessions',
        'its docs',
        ':remote-addr [:date[iso]] ":method :url HTTP/:http-version" :status ":req[cookie]" ":res[set-cookie]" ":user-agent"',
      ),
      format('pino-http', 'JSON', 'pino-http', {
        time: 'time',
        status: 'res.statusCode',
        method: 'req.method',
        path: 'req.url',
        session: 'req.headers.cookie',
        set: 'res.headers.set-cookie',
        agent: 'req.headers.user-agent',
      }),
    ],
  },
  proxy('nginx', 'nginx', { nginx: '1.22.1-9+deb12u11', 'nginx-common': '1.22.1-9+deb12u11' }, [
    format(
      'nginx-combined',
      'default',
      '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"',
    ),
    format(
      'nginx-sessions',
      'its docs',
      '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" "$cookie_SID" "$sent_http_set_cookie"',
    ),
    format('nginx-msec', 'own', '$msec $status $request_method $request_uri "$http_cookie" "$sent_http_set_cookie"'),
    format(
      'nginx-json',
      'JSON',
      '{"time":"$time_iso8601","status":$status,"method":"$request_method","uri":"$request_uri","sid":"$cookie_SID","set":"$sent_http_set_cookie","agent":"$http_user_agent"}',
      { time: 'time', status: 'status', method: 'method', path: 'uri', session: 'sid', set: 'set', agent: 'agent' },
    ),
  ]),
  proxy('apache', 'Apache', { 'apache2-bin': '2.4.71-1~deb12u1', libapr1: '1.7.2-3+deb12u1', libaprutil1: '1.6.3-1+deb12u1' }, [
    format('apache-combined', 'default', '%h %l %u %t "%r" %>s %O "%{Referer}i" "%{User-Agent}i"'),
    format('apache-sessions', 'its docs', '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" "%{SID}C" "%{Set-Cookie}o"'),
    format('apache-msec', 'its docs', '%h [%{%d/%b/%Y:%T}t.%{msec_frac}t %{%z}t] "%r" %>s "%{SID}C" "%{Set-Cookie}o"'),
    format(
      'apache-json',
      'JSON',
      '{"time":"%{%Y-%m-%dT%T%z}t","status":"%>s","method":"%m","path":"%U%q","sid":"%{SID}C","set":"%{Set-Cookie}o"}',
      { time: 'time', status: 'status', method: 'method', path: 'path', session: 'sid', set: 'set' },
    ),
  ]),
  proxy(
    'haproxy',
    'HAProxy',
    { haproxy: '2.6.12-1+deb12u4', 'liblua5.3-0': '5.3.6-2', libopentracing1: '1.6.0-4', 'libopentracing-c-wrapper0': '1.1.3-3+b1' },
    [format('haproxy-httplog', 'default', HTTPLOG)],
  ),
  proxy('caddy', 'Caddy', { caddy: '2.6.2-5' }, [
    format('caddy-json', 'JSON', 'log_credentials', {
      time: 'ts',
      status: 'status',
      method: 'request.method',
      path: 'request.uri',
      session: 'request.headers.Cookie',
      set: 'resp_headers.Set-Cookie',
      agent: 'request.headers.User-Agent',
    }),
  ]),
  proxy('lighttpd', 'lighttpd', { lighttpd: '1.4.69-1' }, [
    format('lighttpd-sessions', 'its docs', '%h %t "%r" %>s "%{Cookie}i" "%{Set-Cookie}o"'),
  ]),
  servlet('tomcat', 'Tomcat', '10.1.48', {
    formats: [
      format('tomcat-common', 'default', 'common'),
      format('tomcat-sessions', 'its docs', '%h %l %u %t "%r" %s %b %D "%{User-Agent}i" %{JSESSIONID}c %S'),
      format('tomcat-json', 'JSON', '%h %t %m %U %s %S %{JSESSIONID}c %{User-Agent}i', {
        time: 'time',
        status: 'statusCode',
        method: 'method',
        path: 'path',
        session: 'cookies.JSESSIONID',
        answered: 'sessionId',
      }),
    ],
  }),
  servlet('tomcat-de', 'Tomcat', '10.1.48', {
    locale: 'de',
    formats: [format('tomcat-de', 'own', '%h [%{dd/MMM/yyyy:HH:mm:ss.SSS Z}t] "%r" %s %{JSESSIONID}c %S')],
  }),
  servlet('jetty', 'Jetty', '12.0.23', {
    formats: [
      format('jetty-ncsa', 'default', '%{client}a - %u %t "%r" %s %O "%{Referer}i" "%{User-Agent}i"'),
      format('jetty-sessions', 'its docs', '%{client}a %{yyyy-MM-dd HH:mm:ss.SSS ZZZ|UTC}t "%r" %s "%{JSESSIONID}C" "%{Set-Cookie}o"'),
      format('jetty-de', 'own', '%{client}a %{dd/MMM/yyyy:HH:mm:ss ZZZ|Europe/Berlin|de}t "%r" %s "%{JSESSIONID}C" "%{Set-Cookie}o"'),
    ],
  }),
  servlet('undertow', 'Undertow', '2.3.18', {
    formats: [
      format('undertow-common', 'default', 'common'),
      format('undertow-sessions', 'its docs', '%h %t "%r" %s "%{c,JSESSIONID}" "%{o,Set-Cookie}" "%{i,User-Agent}"'),
    ],
  }),
  python('gunicorn', format('gunicorn-default', 'default', '%(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s"')),
  python('gunicorn', format('gunicorn-sessions', 'its docs', '%(h)s %(t)s "%(r)s" %(s)s "%({cookie}i)s" "%({set-cookie}o)s"')),
  python('uvicorn', format('uvicorn-asctime', 'its docs', '%(asctime)s %(levelname)s %(client_addr)s "%(request_line)s" %(status_code)s')),
  {
    name: 'puma',
    server: 'Puma',
    version: '5.6.5',
    registry: 'debian',
    packages: { puma: '5.6.5-3+deb12u2', 'ruby-nio4r': '2.5.8-3', 'ruby-rack': '2.2.22-0+deb12u2' },
    program: 'logs-ruby',
    cookie: '_shop_session',
    formats: [format('puma-default', 'default', '%h %l %u %t "%r" %s %b %D')],
  },
  {
    name: 'go',
    server: 'Go',
    version: '1.26',
    registry: 'go',
    packages: { 'github.com/gin-gonic/gin': 'v1.10.1', 'github.com/gorilla/handlers': 'v1.5.2' },
    program: 'logs-go',
    cookie: 'session',
    formats: [
      format('gin', 'default', 'gin'),
      format('gorilla-combined', 'default', 'combined'),
      format('go-slog', 'JSON', 'slog', {
        time: 'time',
        status: 'status',
        method: 'method',
        path: 'path',
        session: 'session',
        set: 'set_cookie',
        agent: 'user_agent',
      }),
    ],
  },
];

export const LOG_SERVERS: ReadonlyMap<string, LogServer> = new Map(ALL.map((server) => [server.name, server]));
