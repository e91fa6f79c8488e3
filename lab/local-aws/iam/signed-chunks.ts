/**
 * A body in chunks, each with a signature that covers the one before: `SIZE;chunk-signature=SIGNATURE\r\nDATA\r\n`.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
import { createHash, type Hash } from 'node:crypto';
import { AwsError } from '../service/service.ts';
import type { PayloadCheck } from './payload-check.ts';
import type { Signer } from './read-signer.ts';
import { areEqual, chunkSignature, trailerSignature } from './signature.ts';

const LINE = /^([0-9a-f]{1,8});chunk-signature=([0-9a-f]{64})$/i;
/** Limit of a chunk's first line, and of all trailers together. */
const MAX_LINES_BYTES = 16_384;

/** @param hasTrailer the last chunk is followed by trailing headers and their signature */
export function checkChunks(secretAccessKey: string, signer: Signer, hasTrailer: boolean): PayloadCheck {
  const nothing = Buffer.alloc(0);
  let pending: Buffer = nothing;
  let previous = signer.signature;
  let chunk: { readonly signature: string; readonly hash: Hash; left: number; readonly isLast: boolean } | undefined;
  let isComplete = false;

  const endChunk = ({ signature, hash }: { readonly signature: string; readonly hash: Hash }) => {
    if (!areEqual(chunkSignature(secretAccessKey, signer, previous, hash.digest('hex')), signature)) throw wrong();
    previous = signature;
  };
  /** Takes one step; false when it needs more bytes. */
  const step = (): boolean => {
    if (isComplete) return false;
    if (!chunk) {
      const end = pending.indexOf('\r\n');
      if (end < 0) return false;
      const [, size = '', signature = ''] = LINE.exec(pending.toString('latin1', 0, end)) ?? [];
      if (signature === '') throw wrong();
      const left = Number.parseInt(size, 16);
      chunk = { signature, hash: createHash('sha256'), left, isLast: left === 0 };
      pending = pending.subarray(end + 2);
      if (!chunk.isLast) return true;
      endChunk(chunk);
      isComplete = true;
      return false;
    }
    const part = pending.subarray(0, chunk.left);
    chunk.hash.update(part);
    chunk.left -= part.length;
    pending = pending.subarray(part.length);
    if (chunk.left > 0 || pending.length < 2) return false;
    if (pending.toString('latin1', 0, 2) !== '\r\n') throw wrong();
    endChunk(chunk);
    chunk = undefined;
    pending = pending.subarray(2);
    return true;
  };
  return {
    needsWhole: false,
    update(part) {
      pending = pending.length === 0 ? part : Buffer.concat([pending, part]);
      while (step());
      if ((isComplete || !chunk) && pending.length > MAX_LINES_BYTES) throw wrong();
    },
    end() {
      if (!isComplete) throw wrong();
      const rest = pending.toString('latin1');
      if (!hasTrailer) {
        if (rest !== '\r\n') throw wrong();
        return;
      }
      const [, trailers = '', signature = ''] = /^((?:[^\r\n]+\r\n)+)x-amz-trailer-signature:([0-9a-f]{64})\r\n(?:\r\n)?$/.exec(rest) ?? [];
      const signed = createHash('sha256').update(trailers.replaceAll('\r\n', '\n'), 'latin1').digest('hex');
      if (!areEqual(trailerSignature(secretAccessKey, signer, previous, signed), signature)) throw wrong();
    },
  };
}

const wrong = () => new AwsError('SignatureDoesNotMatch', 'A chunk of the body does not have the signature that it should have.', 403);
