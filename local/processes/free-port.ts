/** Loopback ports for the servers of the local cloud. */
import { createServer } from 'node:net';

const LOOPBACK = '127.0.0.1';
/**
 * Below the ports that Linux (32768 and up) and macOS (49152 and up) give to outgoing connections: a port from up there
 * could be taken by some client's connection between this look and the server's own bind.
 */
const LOWEST = 20_000;
const HIGHEST = 32_000;
const MAX_TRIES = 500;

/** Ports that this process was given, so that two callers are not told the same one before either binds it. */
const givenOut = new Set<number>();

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
 * A free port on 127.0.0.1, not given out before by this process.
 *
 * @param random number in [0, 1): two checkouts that start at once must not walk the same ports
 */
export async function freePort(random: () => number = Math.random): Promise<number> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const port = LOWEST + Math.floor(random() * (HIGHEST - LOWEST));
    if (givenOut.has(port)) continue;
    givenOut.add(port);
    if ((await whyNot(port)) === undefined) return port;
  }
  throw new PortError(
    0,
    `No free port was found between ${LOWEST} and ${HIGHEST} on ${LOOPBACK} in ${MAX_TRIES} tries: end some servers, then start again.`,
  );
}

/** That many different free ports. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) ports.push(await freePort());
  return ports;
}

/**
 * The port that the user asked for, or a free one when none was.
 *
 * @param port what was given, not yet checked
 * @param option how it was given, for the error: `--port`
 * @throws PortError when it is no port, needs root, or is taken
 */
export async function portOrFree(port: number | undefined, option: string): Promise<number> {
  if (port === undefined) return freePort();
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new PortError(
      port,
      `${option} is ${port}, which is no port: give a number from 1024 to 65535, or leave ${option} out to get a free one.`,
    );
  }
  const reason = await whyNot(port);
  if (reason === undefined) {
    givenOut.add(port);
    return port;
  }
  const problem =
    reason === 'EACCES'
      ? 'may only be used by root'
      : reason === 'EADDRINUSE'
        ? 'is taken by another program'
        : `cannot be used (${reason})`;
  throw new PortError(
    port,
    `Port ${port} on ${LOOPBACK} ${problem}: free it, give another one with ${option}, or leave ${option} out to get a free one.`,
  );
}

/** Error code of an attempt to listen there; undefined when it worked. */
function whyNot(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ port, host: LOOPBACK, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
