import { createHmac } from 'node:crypto';
import { createWriteStream, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

const MOST_BYTES = 10 * 1024 * 1024;
const KEPT_FILES = 4;
const HASH_DIGITS = 16;

const AGENTS = [
  ['health-check', /health|probe|uptime|monitor/i],
  ['bot', /bot|crawl|spider|slurp/i],
  ['browser', /^Mozilla\//],
];

/**
 * A line for each request: when, status, milliseconds, the session that the client named and the one that the request ended with, each as
 * a keyed hash and its route, the route's path, the class of the user agent, and whether the request came from a page of another site.
 * No id, parameter or address is written. The hash has the same key on every server, so that one user can be followed through all logs.
 *
 * @param folder undefined: nothing is written
 */
export function accessLog({ folder, cookieName, secrets }) {
  if (folder === undefined) return (_request, _response, next) => next();
  const write = rotatingFile(join(folder, 'logs'), 'access.log');
  const nameOf = sessionName(createHmac('sha256', secrets[0]).update('session ids in the log').digest());
  return (request, response, next) => {
    const startedAtMs = performance.now();
    const named = cookieValue(request.headers.cookie, cookieName);
    response.once('close', () => {
      const fields = {
        status: response.statusCode,
        ms: Math.round(performance.now() - startedAtMs),
        session: nameOf(named),
        answered: nameOf(answeredSession(request, response, cookieName, named)),
        method: request.method,
        path: request.route?.path ?? '*',
        agent: agentClass(request.headers['user-agent']),
        from: from(request),
      };
      const pairs = Object.entries(fields).map(([name, value]) => `${name}=${value}`);
      write(`${new Date().toISOString()} ${pairs.join(' ')}\n`);
    });
    next();
  };
}

/** The cookie that the answer sets, or the one that the client named if the request found its session. */
function answeredSession(request, response, cookieName, named) {
  const header = [response.getHeader('Set-Cookie') ?? []].flat().findLast((text) => text.startsWith(`${cookieName}=`));
  if (header !== undefined) return cookieValue(header, cookieName);
  return named !== '' && request.session && idOf(named) === request.sessionID ? named : '';
}

function cookieValue(header = '', name) {
  const pair = header.split(/; */).find((text) => text.startsWith(`${name}=`));
  try {
    return decodeURIComponent(pair?.slice(name.length + 1) ?? '');
  } catch {
    return '';
  }
}

/** express-session's cookie is `s:ID.SIGNATURE`. */
const idOf = (value) => value.replace(/^s:/, '').replace(/[.][^.]*$/, '');

const sessionName = (key) => (value) => {
  if (value === '') return '-';
  const [bare, route = ''] = idOf(value).split(/[.](.*)/s);
  const hash = createHmac('sha256', key).update(bare).digest('hex').slice(0, HASH_DIGITS);
  return /^[A-Za-z0-9_-]{1,64}$/.test(route) ? `${hash}.${route}` : hash;
};

function agentClass(agent = '') {
  if (agent === '') return 'none';
  return AGENTS.find(([, pattern]) => pattern.test(agent))?.[0] ?? 'script';
}

/** `other`: a page of another site led here. */
function from(request) {
  const referer = URL.parse(request.headers.referer ?? '')?.host;
  if (referer === undefined) return '-';
  return referer === request.headers.host ? 'same' : 'other';
}

/** Appends to a file that begins anew at MOST_BYTES, and KEPT_FILES older ones are kept. */
function rotatingFile(folder, name) {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  let bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const open = () => createWriteStream(path, { flags: 'a' }).on('error', () => {});
  let stream = open();
  return (line) => {
    stream.write(line);
    bytes += line.length;
    if (bytes < MOST_BYTES) return;
    bytes = 0;
    stream.end();
    for (let number = KEPT_FILES - 1; number >= 0; number -= 1) rename(number === 0 ? path : `${path}.${number}`, `${path}.${number + 1}`);
    stream = open();
  };
}

function rename(source, target) {
  try {
    renameSync(source, target);
  } catch {
    // There is none yet.
  }
}
