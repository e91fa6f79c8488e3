import { connect as connectInTheClear, isIP, type Socket } from 'node:net';
import { connect as connectOverTls } from 'node:tls';
import { HoldfastError } from '../errors.ts';
import type { StoreSettings } from './store-settings.ts';

/** The store requires TLS and the settings do not use it, or the other way round. Repeating does not help. */
export class TlsMismatch extends HoldfastError {
  override readonly name = 'TlsMismatch';
}

/** A server answers the right protocol within milliseconds; this is a tenth of the collector's time for a node. */
const LIMIT_MS = 1_000;

/**
 * Why a store that listens does not answer: a server that requires TLS closes a plain connection, and one without TLS waits
 * for more bytes. This tries each way once, without user name and password.
 * @returns undefined when the store answers both ways or neither
 */
export async function findTlsMismatch({ host, port, tls }: Pick<StoreSettings, 'host' | 'port' | 'tls'>): Promise<TlsMismatch | undefined> {
  const [inTheClear, overTls] = await Promise.all([answersInTheClear(host, port), answersOverTls(host, port)]);
  if (inTheClear === overTls || tls === overTls) return undefined;
  return new TlsMismatch(
    overTls
      ? `${host}:${port} answers only over TLS, and the settings do not use TLS: set store.existing.tls to true`
      : `${host}:${port} answers only without TLS, and the settings use TLS: turn on the store's encryption in transit, or set store.existing.tls to false`,
  );
}

function answersInTheClear(host: string, port: number): Promise<boolean> {
  const socket = connectInTheClear({ host, port }, () => socket.write('PING\r\n'));
  return answerOf(socket, (found) => {
    // +PONG, or -NOAUTH.
    socket.once('data', (answer) => found(/^[+-]/.test(answer.toString('latin1'))));
  });
}

function answersOverTls(host: string, port: number): Promise<boolean> {
  const socket = connectOverTls({ host, port, ...(isIP(host) === 0 && { servername: host }) });
  return answerOf(socket, (found) => {
    socket.once('secureConnect', () => found(true));
    // An untrusted certificate still proves TLS.
    socket.once('error', ({ code = '' }: NodeJS.ErrnoException) => found(/CERT|LEAF_SIGNATURE/.test(code)));
  });
}

/** False when the time is up, or when the connection closes without an answer. */
function answerOf(socket: Socket, listen: (found: (answers: boolean) => void) => void): Promise<boolean> {
  return new Promise<boolean>((resolve) => {
    listen(resolve);
    socket.setTimeout(LIMIT_MS, () => resolve(false));
    socket.once('close', () => resolve(false));
    socket.on('error', () => undefined); // `close` follows
  }).finally(() => socket.destroy());
}
