/** The load balancer's own responses: fixed responses, redirects and errors. */
import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { FixedResponseAction, RedirectAction } from '../resources.ts';
import type { RequestFacts } from './route-request.ts';

const SERVER = 'awselb/2.0';
const REASONS: Readonly<Record<number, string>> = { 503: 'Service Temporarily Unavailable', 504: 'Gateway Time-out' };

/** Does nothing when a response has already begun. */
export function replyError(res: ServerResponse, status: number): void {
  if (res.headersSent || res.destroyed) return;
  const title = `${status} ${REASONS[status] ?? STATUS_CODES[status] ?? ''}`;
  const body = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`;
  res.writeHead(status, { Server: SERVER, 'Content-Type': 'text/html', 'Content-Length': Buffer.byteLength(body) }).end(body);
}

export function replyFixed(res: ServerResponse, action: FixedResponseAction): void {
  const body = Buffer.from(action.body ?? '');
  const type =
    body.length > 0 || action.contentType !== undefined ? { 'Content-Type': `${action.contentType ?? 'text/plain'}; charset=utf-8` } : {};
  res.writeHead(action.statusCode, { Server: SERVER, ...type, 'Content-Length': body.length }).end(body);
}

export function replyRedirect(res: ServerResponse, location: string, statusCode: RedirectAction['statusCode']): void {
  res.writeHead(statusCode === 'HTTP_301' ? 301 : 302, { Server: SERVER, Location: location, 'Content-Length': 0 }).end();
}

/**
 * Where a redirect leads.
 *
 * @param seen how the client reached the load balancer
 * @param localPort the local port of the load balancer's listener on a port, for redirects from one listener to another
 */
export function redirectLocation(
  action: RedirectAction,
  facts: RequestFacts,
  seen: { readonly protocol: 'HTTP' | 'HTTPS'; readonly port: number },
  localPort: (port: number) => number | undefined,
): string {
  const values: Record<string, string> = {
    protocol: seen.protocol.toLowerCase(),
    host: facts.host.replace(/:\d+$/, ''),
    port: String(seen.port),
    path: facts.path.replace(/^\//, ''),
    query: facts.query,
  };
  const fill = (template: string): string =>
    template.replace(/#\{(protocol|host|port|path|query)\}/g, (_, name: string) => values[name] ?? '');
  const protocol = fill(action.protocol).toLowerCase();
  const requested = Number(fill(action.port));
  const port = localPort(requested) ?? requested;
  const authority = port === (protocol === 'https' ? 443 : 80) ? fill(action.host) : `${fill(action.host)}:${port}`;
  const query = fill(action.query);
  return `${protocol}://${authority}${fill(action.path)}${query === '' ? '' : `?${query}`}`;
}
