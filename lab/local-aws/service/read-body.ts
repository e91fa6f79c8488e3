import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { AwsError } from './service.ts';

/** Requests to local services are small; a release goes to the emulator's S3 and is streamed. */
export const MAX_BODY_BYTES = 8 * 1024 * 1024;
/** The largest call of a service other than S3: the code of a function, 50 MB in base64. */
export const MAX_CALL_BYTES = 70 * 1024 * 1024;

/** The whole body, unpacked. @throws AwsError RequestTooLarge, SerializationException */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  return unpackBody(request, await readRawBody(request));
}

/**
 * The whole body as it was sent, which is what its signature is about.
 *
 * @throws AwsError RequestTooLarge (413) past `maxBytes`; the rest is read and dropped, so that the client gets the answer
 */
export async function readRawBody(request: IncomingMessage, maxBytes: number = MAX_BODY_BYTES): Promise<Buffer> {
  let chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) chunks = [];
    else chunks.push(chunk);
  }
  if (size > maxBytes) throw tooLarge(maxBytes);
  return Buffer.concat(chunks);
}

/** SDKs compress PutMetricData from 10 KB on. @throws AwsError RequestTooLarge, SerializationException */
export async function unpackBody(request: IncomingMessage, body: Buffer): Promise<Buffer> {
  return request.headers['content-encoding'] === 'gzip' ? unpack(body) : body;
}

async function unpack(body: Buffer): Promise<Buffer> {
  try {
    return await promisify(gunzip)(body, { maxOutputLength: MAX_BODY_BYTES });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(MAX_BODY_BYTES);
    throw new AwsError('SerializationException', `The request cannot be unpacked: ${(error as Error).message}`);
  }
}

const tooLarge = (maxBytes: number) => new AwsError('RequestTooLarge', `The request has more than ${maxBytes} bytes.`, 413);
