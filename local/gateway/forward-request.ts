/** Passes a request on to the emulator and its answer back, both streamed. */
import http from 'node:http';

/** A deploy of a stack or a long poll can take minutes; nothing takes longer. */
export const EMULATOR_TIMEOUT_MS = 300_000;

export interface Forwarder {
  /** Settles when the answer has been sent or the client has gone. @throws Error when the emulator breaks the connection */
  forward(request: http.IncomingMessage, response: http.ServerResponse): Promise<void>;
  close(): void;
}

/** @param emulatorUrl `http://127.0.0.1:PORT` */
export function createForwarder(emulatorUrl: string): Forwarder {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
  const { hostname, port } = new URL(emulatorUrl);
  return {
    forward: (request, response) =>
      new Promise<void>((resolve, reject) => {
        // The path goes on as it came: `/bucket/a/../b` is an object's key, and `//x` is not another host.
        const { method, headers, url: path } = request;
        const outgoing = http.request({ hostname, port, path, method, headers, agent, timeout: EMULATOR_TIMEOUT_MS }, (incoming) => {
          response.writeHead(incoming.statusCode ?? 502, incoming.headers);
          incoming.pipe(response);
          incoming.on('end', resolve).on('error', reject);
        });
        outgoing.on('timeout', () => outgoing.destroy(new Error(`the emulator did not answer within ${EMULATOR_TIMEOUT_MS} ms`)));
        outgoing.on('error', reject);
        response.on('close', () => {
          if (!response.writableEnded) outgoing.destroy();
          resolve();
        });
        request.pipe(outgoing);
      }),
    close: () => agent.destroy(),
  };
}
