/** Passes a request on to the emulator and its answer back, both streamed. */
import http from 'node:http';
import type { WholeReply } from '../faults/carry-out.ts';

/** A deploy of a stack or a long poll can take minutes; nothing takes longer. */
export const EMULATOR_TIMEOUT_MS = 300_000;

export interface Forwarder {
  /** Settles when the answer has been sent or the client has gone. @throws Error when the emulator breaks the connection */
  forward(request: http.IncomingMessage, response: http.ServerResponse, body?: Buffer): Promise<void>;
  /** The whole answer to a request whose body has been read. @throws Error when the emulator breaks the connection */
  exchange(request: http.IncomingMessage, body: Buffer): Promise<WholeReply>;
  close(): void;
}

/** @param emulatorUrl `http://127.0.0.1:PORT` */
export function createForwarder(emulatorUrl: string): Forwarder {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
  const { hostname, port } = new URL(emulatorUrl);
  const send = (
    { method, headers, url: path }: http.IncomingMessage,
    answered: (incoming: http.IncomingMessage) => void,
    failed: (error: Error) => void,
  ): http.ClientRequest => {
    // The path is passed on unchanged: `/bucket/a/../b` is an object's key, and `//x` is not another host.
    const outgoing = http.request({ hostname, port, path, method, headers, agent, timeout: EMULATOR_TIMEOUT_MS }, answered);
    outgoing.on('timeout', () => outgoing.destroy(new Error(`the emulator did not answer within ${EMULATOR_TIMEOUT_MS} ms`)));
    outgoing.on('error', failed);
    return outgoing;
  };
  return {
    forward: (request, response, body) =>
      new Promise<void>((resolve, reject) => {
        const outgoing = send(
          request,
          (incoming) => {
            response.writeHead(incoming.statusCode ?? 502, incoming.headers);
            incoming.pipe(response);
            incoming.on('end', resolve).on('error', reject);
          },
          reject,
        );
        response.on('close', () => {
          if (!response.writableEnded) outgoing.destroy();
          resolve();
        });
        if (body) outgoing.end(body);
        else request.pipe(outgoing);
      }),
    exchange: (request, body) =>
      new Promise((resolve, reject) => {
        const answered = ({ statusCode = 502, headers }: http.IncomingMessage, bytes: Buffer) =>
          resolve({ status: statusCode, headers, body: bytes });
        send(
          request,
          (incoming) => {
            const chunks: Buffer[] = [];
            incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
            incoming.on('end', () => answered(incoming, Buffer.concat(chunks))).on('error', reject);
          },
          reject,
        ).end(body);
      }),
    close: () => agent.destroy(),
  };
}
