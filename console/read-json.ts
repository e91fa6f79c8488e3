import type { IncomingMessage } from 'node:http';
import { CommandFailure, EXIT } from '../cli/failure.ts';

/** What a button sends is some hundred bytes. */
export const MAX_BODY_BYTES = 16_384;

/** A body that is longer than any that the page sends. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}

/**
 * The body of a request, as JSON. What is too long is read and dropped, so that the client gets the answer.
 * @throws BodyTooLarge, CommandFailure InvalidJson
 */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  if (size > MAX_BODY_BYTES) throw new BodyTooLarge(`the request has more than ${MAX_BODY_BYTES} bytes; nothing was changed`);
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    throw new CommandFailure('InvalidJson', 'the request is no JSON; nothing was changed', EXIT.badInput);
  }
}
