/** Free ports on the loopback. */
import { createServer } from 'node:net';

/** Below the ranges from which Linux and macOS take ports for outgoing connections, so that none of those is in the way. */
const FIRST = 20_000;
const LAST = 32_000;

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

export interface PortPool {
  /** @throws Error when none is free */
  take(): Promise<number>;
  give(port: number): void;
}

/** Ports that nobody listens on now and that this pool has not given out. */
export function createPortPool(): PortPool {
  const taken = new Set<number>();
  return {
    async take() {
      for (let attempt = 0; attempt < 200; attempt += 1) {
        const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
        if (taken.has(port)) continue;
        taken.add(port);
        if (await isFree(port)) return port;
        taken.delete(port);
      }
      throw new Error(`no free port between ${FIRST} and ${LAST}`);
    },
    give: (port) => void taken.delete(port),
  };
}
