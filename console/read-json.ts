import type { IncomingMessage } from 'node:http';
import { CommandFailure, EXIT } from '../cli/failure.ts';

/** The page sends a few hundred bytes at most. */
export const MAX_BODY_BYTES = 16_384;

export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}

/**
 * Parses the body of a request. A body that is too long is read to its end and dropped, so that the client gets the reply.
 * @throws BodyTooLarge, CommandFailure InvalidJson
 */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  if (size > MAX_BODY_BYTES) throw new BodyTooLarge(`the request is longer than ${MAX_BODY_BYTES} bytes; nothing was changed`);
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    throw new CommandFailure('InvalidJson', 'the request is not valid JSON; nothing was changed', EXIT.badInput);
  }
}
