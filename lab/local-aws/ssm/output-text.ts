/** A script's output, kept up to a size. */
import type { Readable } from 'node:stream';

/** Maximum number of characters of standard output and standard error that GetCommandInvocation returns. */
export const STDOUT_CHARACTERS = 24_000;
export const STDERR_CHARACTERS = 8_000;

const SUFFIX = '--output truncated--';

/** Kept of each stream; more is read and dropped, so that the script does not block. */
const KEPT_BYTES = 256 * 1024;

export class OutputText {
  #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(stream: Readable | null) {
    stream?.on('data', (chunk: Buffer) => {
      if (this.#bytes < KEPT_BYTES) this.#chunks.push(chunk);
      this.#bytes += chunk.length;
    });
    stream?.on('error', () => undefined);
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }
}

/** The first `limit` characters, the last of them saying that there was more. */
export function truncate(text: string, limit: number): string {
  return text.length <= limit ? text : text.slice(0, limit - SUFFIX.length) + SUFFIX;
}
