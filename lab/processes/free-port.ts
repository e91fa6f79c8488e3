/** Loopback ports: the one place that gives them out, for the local cloud, tests and benchmarks alike. */
import { createSocket, type Socket } from 'node:dgram';
import { createServer } from 'node:net';

const LOOPBACK = '127.0.0.1';
/**
 * Below the ports that Linux (32768 and up) and macOS (49152 and up) give to outgoing connections: a client's connection
 * could take a port of theirs between this check and the server's own bind, or while a server is started again.
 */
const LOWEST = 20_000;
const HIGHEST = 32_000;
const MAX_TRIES = 500;

/**
 * Ports that this process has in use: two callers never get the same one, even before either binds it. The UDP socket on the same port,
 * where no server of ours listens, keeps other processes from giving it out.
 */
const givenOut = new Map<number, Socket | undefined>();

/** Thrown with a sentence for the user when a port cannot be used. */
export class PortError extends Error {
  override readonly name = 'PortError';
  readonly port: number;

  constructor(port: number, message: string) {
    super(message);
    this.port = port;
  }
}

/**
 * A free port on 127.0.0.1 that neither this process nor another one of ours has given out.
 *
 * @param random number in [0, 1): two checkouts that start at once must not try the same ports in the same order
 */
export async function freePort(random: () => number = Math.random): Promise<number> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const port = LOWEST + Math.floor(random() * (HIGHEST - LOWEST));
    if (givenOut.has(port)) continue;
    reservePort(port);
    const claim = await claimPort(port);
    if (claim !== 'taken') {
      givenOut.set(port, claim);
      if ((await listenError(port)) === undefined) return port;
    }
    releasePort(port);
  }
  throw new PortError(
    0,
    `No free port was found between ${LOWEST} and ${HIGHEST} on ${LOOPBACK} in ${MAX_TRIES} tries: end some servers, then start again.`,
  );
}

/** Keeps `freePort` from giving out a port that this process is about to use, as one that the user asked for. */
export function reservePort(port: number): void {
  if (!givenOut.has(port)) givenOut.set(port, undefined);
}

/** Gives a port back once nothing listens on it anymore. */
export function releasePort(port: number): void {
  givenOut.get(port)?.close();
  givenOut.delete(port);
}

/** `count` different free ports. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) ports.push(await freePort());
  return ports;
}

/**
 * The port that the user asked for, or a free one when none was.
 *
 * @param port the user's value, not yet checked
 * @param option the option's name for the error: `--port`
 * @throws PortError when it is not a valid port, needs root, or is taken
 */
export async function portOrFree(port: number | undefined, option: string): Promise<number> {
  if (port === undefined) return freePort();
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new PortError(
      port,
      `${option} is ${port}, which is not a valid port: choose one from 1024 to 65535, or omit ${option} to get a free one.`,
    );
  }
  const reason = await listenError(port);
  if (reason === undefined) {
    reservePort(port);
    return port;
  }
  const problem =
    reason === 'EACCES'
      ? 'can be used by root only'
      : reason === 'EADDRINUSE'
        ? 'is taken by another program'
        : `cannot be used (${reason})`;
  throw new PortError(
    port,
    `Port ${port} on ${LOOPBACK} ${problem}: free it, choose another with ${option}, or omit ${option} to get a free one.`,
  );
}

/** @returns `taken` when another process has it; undefined where this one may bind no UDP port, so that its own ports alone are known */
function claimPort(port: number): Promise<Socket | 'taken' | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4').unref();
    socket.once('error', ({ code }: NodeJS.ErrnoException) => {
      socket.close();
      resolve(code === 'EADDRINUSE' ? 'taken' : undefined);
    });
    socket.bind({ port, address: LOOPBACK, exclusive: true }, () => resolve(socket));
  });
}

/** Error code of an attempt to listen there; undefined when it worked. */
function listenError(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ port, host: LOOPBACK, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
