import { createServer } from 'node:net';

/**
 * Where node processes listen. It lies below the ranges from which Linux (32768) and macOS (49152) take the ports of
 * outgoing connections, so that a node that is started again finds its port still free.
 */
const FIRST_PORT = 21_000;
const PORT_COUNT = 10_000;
const ATTEMPTS = 50;

const handedOut = new Set<number>();

/**
 * A TCP port on 127.0.0.1 that nobody listens on and that this process has not handed out yet.
 *
 * @throws Error when 50 random ports are all taken
 */
export async function takeFreePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORT_COUNT);
    if (handedOut.has(port)) continue;
    handedOut.add(port);
    if (await canListen(port)) return port;
    handedOut.delete(port);
  }
  throw new Error(`found no free port on 127.0.0.1 between ${FIRST_PORT} and ${FIRST_PORT + PORT_COUNT - 1}`);
}

/** Gives a port back once its process has ended. */
export function releasePort(port: number): void {
  handedOut.delete(port);
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
