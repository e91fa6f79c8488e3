/** Passes a request on to the emulator and its answer back, both streamed. */
import http from 'node:http';
import type { Transform } from 'node:stream';
import { type EmulatorAccess, RUN_HEADER, SIGNER_HEADER } from '../emulator/emulator-access.ts';
import type { WholeReply } from '../faults/carry-out.ts';

/** A deploy of a stack or a long poll can take minutes; nothing takes longer. */
export const EMULATOR_TIMEOUT_MS = 300_000;

export interface Forwarder {
  /**
   * Settles when the answer has been sent or the client has gone.
   *
   * @param body the whole body, or what the request's has to pass on its way
   * @throws Error when the emulator breaks the connection, and what `body` throws; the emulator then drops the request
   */
  forward(request: http.IncomingMessage, accessKeyId: string, response: http.ServerResponse, body?: Buffer | Transform): Promise<void>;
  /** The whole answer to a request whose body has been read. @throws Error when the emulator breaks the connection */
  exchange(request: http.IncomingMessage, accessKeyId: string, body: Buffer): Promise<WholeReply>;
  close(): void;
}

/** What a response may carry only in AWS; here no page is to read anything. */
const FOR_PAGES = /^access-control-/;

export function createForwarder({ url, token }: Pick<EmulatorAccess, 'url' | 'token'>): Forwarder {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
  const { hostname, port } = new URL(url);
  const send = (
    { method, headers: sent, url: path }: http.IncomingMessage,
    accessKeyId: string,
    answered: (incoming: http.IncomingMessage) => void,
    failed: (error: Error) => void,
  ): http.ClientRequest => {
    // The emulator compares the signer that it finds with the one that was verified here.
    const headers = { ...sent, [RUN_HEADER]: token, [SIGNER_HEADER]: accessKeyId };
    // The path is passed on unchanged: `/bucket/a/../b` is an object's key, and `//x` is not another host.
    const outgoing = http.request({ hostname, port, path, method, headers, agent, timeout: EMULATOR_TIMEOUT_MS }, answered);
    outgoing.on('timeout', () => outgoing.destroy(new Error(`the emulator did not answer within ${EMULATOR_TIMEOUT_MS} ms`)));
    outgoing.on('error', failed);
    return outgoing;
  };
  return {
    forward: (request, accessKeyId, response, body) =>
      new Promise<void>((resolve, reject) => {
        const outgoing = send(
          request,
          accessKeyId,
          (incoming) => {
            response.writeHead(incoming.statusCode ?? 502, withoutPages(incoming.headers));
            incoming.pipe(response);
            incoming.on('end', resolve).on('error', reject);
          },
          reject,
        );
        response.on('close', () => {
          if (!response.writableEnded) outgoing.destroy();
          resolve();
        });
        if (Buffer.isBuffer(body)) outgoing.end(body);
        else if (body) {
          body.on('error', (error) => {
            // The connection to the emulator is closed first, because the emulator must not take a part of the body for the whole.
            outgoing.destroy();
            reject(error);
          });
          request.pipe(body).pipe(outgoing);
        } else request.pipe(outgoing);
      }),
    exchange: (request, accessKeyId, body) =>
      new Promise((resolve, reject) => {
        const answered = ({ statusCode = 502, headers }: http.IncomingMessage, bytes: Buffer) =>
          resolve({ status: statusCode, headers: withoutPages(headers), body: bytes });
        send(
          request,
          accessKeyId,
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

const withoutPages = (headers: http.IncomingHttpHeaders): http.IncomingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !FOR_PAGES.test(name)));
