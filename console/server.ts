/** The console: a web page on loopback that shows the deployed dashboards and starts deploys and sweeps. */

import { timingSafeEqual } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseUrl } from '../functions/shared/urls.ts';
import type { Backend } from './backend.ts';
import { type BrowserFiles, browserFiles } from './browser-files.ts';
import type { Route } from './routes.ts';
import type { Shared, ShareMs } from './run-route.ts';

export interface ConsoleOptions {
  /** 0 picks a free port. */
  readonly port: number;
  /** Required by every request under /api. The page gets it in the link's fragment, which browsers send to no server. */
  readonly token: string;
  /** Called by the first request that needs it. */
  readonly backend: () => Promise<Backend>;
  /** What only this console has: requests, and the script of a page that shows them. */
  readonly more?: { readonly routes: readonly Route[]; readonly script: string };
  /** How long all tabs share one reading. @default while it is under way */
  readonly shareMs?: ShareMs;
  readonly now?: () => number;
}

export interface Console {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * The page loads only what the console serves. A widget's HTML may have style attributes, as CloudWatch allows; these load
 * nothing from elsewhere either.
 */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
};

export async function startConsole(options: ConsoleOptions): Promise<Console> {
  const files = browserFiles(options.more?.script);
  const shared: Shared = new Map();
  const server = http.createServer((request, response) => {
    const send = (status: number, type: string, content: string | Uint8Array, more: http.OutgoingHttpHeaders = {}) =>
      response.writeHead(status, { ...HEADERS, 'content-type': type, ...more }).end(request.method === 'HEAD' ? undefined : content);
    const sendJson = (status: number, value: unknown, more?: http.OutgoingHttpHeaders) =>
      send(status, 'application/json', JSON.stringify(value), more);
    const refuse = ({ status, code, message }: Refusal, more?: http.OutgoingHttpHeaders) => {
      request.resume();
      sendJson(status, { error: { code, message } }, more);
    };
    handle(request, options, { files, shared, port: portOf(server) }).then(
      (reply) => {
        if ('refusal' in reply) refuse(reply.refusal, reply.headers);
        else if ('file' in reply) send(200, reply.file.type, reply.file.content);
        else sendJson(reply.status, reply.value, reply.headers);
      },
      (error: Error) => refuse({ status: 500, code: error.name, message: error.message }),
    );
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(options.port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${portOf(server)}/`,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

const portOf = (server: http.Server): number => (server.address() as AddressInfo).port;

type Reply =
  | { readonly refusal: Refusal; readonly headers?: http.OutgoingHttpHeaders }
  | { readonly file: { readonly type: string; readonly content: string | Uint8Array } }
  | { readonly status: number; readonly value: unknown; readonly headers?: http.OutgoingHttpHeaders };

const API = '/api/';

interface Serving {
  readonly files: BrowserFiles;
  readonly shared: Shared;
  readonly port: number;
}

async function handle(request: http.IncomingMessage, options: ConsoleOptions, { files, shared, port }: Serving): Promise<Reply> {
  const { method = 'GET', headers } = request;
  const wrongHost = checkHost(headers.host, port);
  if (wrongHost) return { refusal: wrongHost };
  const url = addressOf(request.url, `http://${headers.host}`);
  if (url === null) return { refusal: { status: 400, code: 'InvalidAddress', message: 'the request names no path' } };
  if (!url.pathname.startsWith(API)) return serveFile(files, method, url.pathname);
  const withoutToken = checkToken(headers[TOKEN_HEADER] as string | undefined, options.token);
  if (withoutToken) return { refusal: withoutToken };
  // The AWS SDK is loaded when someone opens the page, not with every local cloud.
  const { runRoute, findRoute } = await import('./run-route.ts');
  const found = findRoute(method, url.pathname.slice(API.length), options.more?.routes);
  if (!found) return { refusal: notFound(url.pathname) };
  if ('allow' in found) {
    return {
      refusal: {
        status: 405,
        code: 'WrongMethod',
        message: `${url.pathname} accepts ${found.allow.join(' and ')}, not ${method}; nothing was changed`,
      },
      headers: { allow: found.allow.join(', ') },
    };
  }
  if (method === 'POST') {
    const { host, origin, 'sec-fetch-site': fetchSite, 'content-type': contentType } = headers;
    const refusal = checkChange({ host, origin, fetchSite: fetchSite as string | undefined, contentType });
    if (refusal) return { refusal };
  }
  return runRoute(found, request, url, { connect: options.backend, shared, shareMs: options.shareMs, now: options.now ?? Date.now });
}

/** A path that begins with two slashes, resolved alone, would be the address of another server. */
const addressOf = (target = '/', origin: string): URL | null => parseUrl(target.startsWith('/') ? origin + target : target);

async function serveFile(files: BrowserFiles, method: string, path: string): Promise<Reply> {
  const file = Object.hasOwn(files, path) ? files[path] : undefined;
  if (!file) return { refusal: notFound(path) };
  if (method === 'GET' || method === 'HEAD') return { file: await file() };
  return {
    refusal: { status: 405, code: 'WrongMethod', message: `${path} accepts GET, not ${method}; nothing was changed` },
    headers: { allow: 'GET, HEAD' },
  };
}

const notFound = (path: string): Refusal => ({ status: 404, code: 'NotFound', message: `${path} does not exist` });

export interface RequestHead {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** The Sec-Fetch-Site header; only browsers send it. */
  readonly fetchSite: string | undefined;
  readonly contentType: string | undefined;
}

/** Why a request is refused. */
interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

const TOKEN_HEADER = 'x-holdfast-token';

/** Refuses other names, localhost too, which can be another program's [::1], so that no page of another site reaches the console by DNS rebinding. */
export function checkHost(host: string | undefined, port: number): Refusal | undefined {
  if (host === `127.0.0.1:${port}`) return undefined;
  return { status: 421, code: 'WrongHost', message: `the console is served only at 127.0.0.1:${port}` };
}

/** Accepts a read or a change only with the console's token, which another user of this machine does not have. */
export function checkToken(token: string | undefined, expected: string): Refusal | undefined {
  const [a, b] = [Buffer.from(token ?? ''), Buffer.from(expected)];
  if (a.length === b.length && timingSafeEqual(a, b)) return undefined;
  const message = 'the token is missing or wrong: open the link that was printed when the console started; nothing was read or changed';
  return { status: 403, code: 'WrongToken', message };
}

/** Accepts a change only from the console's own page: a page of another site cannot send this. */
export function checkChange({ host, origin, fetchSite, contentType }: RequestHead): Refusal | undefined {
  const refuse = (status: number, code: string, why: string): Refusal => ({ status, code, message: `${why}; nothing was changed` });
  if (origin !== `http://${host}` || (fetchSite !== undefined && fetchSite !== 'same-origin'))
    return refuse(403, 'WrongOrigin', "only the console's own page may make changes");
  if (contentType?.split(';')[0]?.trim().toLowerCase() !== 'application/json')
    return refuse(415, 'NotJson', 'the content type is not application/json');
  return undefined;
}
