import { connect as connectInTheClear, isIP, type Socket } from 'node:net';
import { connect as connectOverTls } from 'node:tls';
import { HoldfastError } from './errors.ts';
import type { StoreSettings } from './store-settings.ts';

/** The store speaks TLS and is asked without it, or the other way round: the same in a minute. */
export class TlsMismatch extends HoldfastError {
  override readonly name = 'TlsMismatch';
}

/** Whoever speaks the other way answers within milliseconds; of the collector's time for a node this is a tenth. */
const LIMIT_MS = 1_000;

/**
 * Why a store that listens gives no answer: a server that wants TLS just closes a connection without it, and one that has
 * none waits for more. So it is asked once in each way, with neither name nor password.
 * @returns undefined where it answers in both, or in none
 */
export async function findTlsMismatch({ host, port, tls }: Pick<StoreSettings, 'host' | 'port' | 'tls'>): Promise<TlsMismatch | undefined> {
  const [inTheClear, overTls] = await Promise.all([answersInTheClear(host, port), answersOverTls(host, port)]);
  if (inTheClear === overTls || tls === overTls) return undefined;
  return new TlsMismatch(
    overTls
      ? `${host}:${port} answers over TLS alone, and was asked without it: set store.existing.tls to true`
      : `${host}:${port} answers without TLS alone, and was asked over it: turn on the store's encryption in transit, or set store.existing.tls to false`,
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
    // A certificate that is not trusted is one all the same.
    socket.once('error', ({ code = '' }: NodeJS.ErrnoException) => found(/CERT|LEAF_SIGNATURE/.test(code)));
  });
}

/** False when the time is up, or the connection ends without an answer. */
function answerOf(socket: Socket, listen: (found: (answers: boolean) => void) => void): Promise<boolean> {
  return new Promise<boolean>((resolve) => {
    listen(resolve);
    socket.setTimeout(LIMIT_MS, () => resolve(false));
    socket.once('close', () => resolve(false));
    socket.on('error', () => undefined); // `close` follows
  }).finally(() => socket.destroy());
}
