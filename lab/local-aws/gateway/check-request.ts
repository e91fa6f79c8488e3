/**
 * Refuses what no client of AWS sends but a page in a browser does. A page can reach loopback: by simple requests and
 * forms, by preflights, and under a name of its own that resolves to 127.0.0.1 (DNS rebinding).
 */
import type { IncomingMessage } from 'node:http';
import { AwsError } from '../service/service.ts';

/** @throws AwsError AccessDenied (403) */
export function checkRequest({ method, headers, socket }: IncomingMessage): void {
  const own = [`127.0.0.1:${socket.localPort}`, `localhost:${socket.localPort}`];
  if (!own.includes(headers.host ?? '')) {
    refuse(`The local cloud answers under ${own.join(' and ')} only, not under ${JSON.stringify(headers.host ?? '')}.`);
  }
  for (const name of ['origin', 'sec-fetch-site']) {
    if (headers[name] !== undefined) refuse(`The local cloud answers no page in a browser: the request has the header ${name}.`);
  }
  if (method === 'OPTIONS') refuse('The local cloud answers no page in a browser: OPTIONS is not answered.');
  if (headers['content-type']?.toLowerCase().includes('multipart/form-data')) {
    refuse('The local cloud takes no uploads by forms: use PutObject or a presigned URL.');
  }
}

/**
 * Refuses `/_ministack/reset`, `/_localstack/…`, `/_aws/…`, however they are written. No bucket begins with an underscore.
 *
 * @throws AwsError AccessDenied (403)
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 */
export function checkPath(url: string): void {
  const path = (url.split('?', 1)[0] ?? '').replaceAll(/%(2[ef]|5[cf])/gi, (code) =>
    String.fromCharCode(Number.parseInt(code.slice(1), 16)),
  );
  if (!url.startsWith('/') || /^[/\\.]*_/.test(path)) refuse('The emulator’s own paths cannot be called through the gateway.');
}

function refuse(message: string): never {
  throw new AwsError('AccessDenied', `${message} Nothing was done.`, 403);
}
