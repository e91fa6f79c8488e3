/**
 * Finds AUTH and HELLO … AUTH in what a client sends and exchanges the secret. Everything else passes untouched, payloads
 * without being collected. The server still answers each command itself, so replies keep their order.
 */

/** No log-in is longer; what claims to be is passed on as it is, for the server to refuse. */
const MAX_LOGIN_BYTES = 64 * 1024;
const CR = 13;
const LF = 10;
const ASTERISK = 42;

/**
 * @param userName as the client sent it
 * @returns the secret to send instead, or undefined to leave it
 */
export type SecretExchange = (userName: string, secret: string) => Promise<string | undefined>;

/**
 * @returns a function that takes the client's bytes as they arrive and returns the bytes for the server; it is to be called
 * again only when it has given them
 */
export function createAuthRewriter(exchange: SecretExchange): (chunk: Buffer) => Promise<Buffer> {
  let pending: Buffer = Buffer.alloc(0);
  let payloadBytesLeft = 0;
  let bulksLeft = 0;

  return async (chunk) => {
    const input = pending.length > 0 ? Buffer.concat([pending, chunk]) : chunk;
    const output: Buffer[] = [];
    let position = 0;
    const pass = (end: number): void => {
      output.push(input.subarray(position, end));
      position = end;
    };

    while (position < input.length) {
      if (payloadBytesLeft > 0) {
        const end = Math.min(input.length, position + payloadBytesLeft);
        payloadBytesLeft -= end - position;
        pass(end);
        continue;
      }
      const lineEnd = endOfLine(input, position);
      if (bulksLeft > 0) {
        if (lineEnd === undefined) break;
        payloadBytesLeft = numberAfterSign(input, position) + 2;
        bulksLeft--;
        pass(lineEnd);
        continue;
      }
      if (lineEnd === undefined) break;
      if (input[position] !== ASTERISK) {
        pass(lineEnd); // an inline command
        continue;
      }
      const login = readLogin(input, position, lineEnd);
      if (login === 'incomplete') break;
      if (login === 'other') {
        bulksLeft = Math.max(0, numberAfterSign(input, position));
        pass(lineEnd);
        continue;
      }
      output.push(encode(await exchanged(login.words, exchange)));
      position = login.end;
    }

    pending = input.subarray(position);
    if (pending.length > MAX_LOGIN_BYTES) {
      output.push(pending);
      pending = Buffer.alloc(0);
    }
    return output.length === 1 ? (output[0] as Buffer) : Buffer.concat(output);
  };
}

type Login = { readonly words: readonly Buffer[]; readonly end: number };

/** Reads the command that starts at `start` when it is AUTH or HELLO. */
function readLogin(input: Buffer, start: number, afterCount: number): Login | 'other' | 'incomplete' {
  const count = numberAfterSign(input, start);
  const words: Buffer[] = [];
  let position = afterCount;
  for (let index = 0; index < count; index++) {
    const afterLength = endOfLine(input, position);
    if (afterLength === undefined) return 'incomplete';
    const length = numberAfterSign(input, position);
    if (index === 0 && length !== 4 && length !== 5) return 'other';
    if (input.length < afterLength + length + 2) return 'incomplete';
    const word = input.subarray(afterLength, afterLength + length);
    if (index === 0 && !/^(?:auth|hello)$/i.test(word.toString('latin1'))) return 'other';
    words.push(word);
    position = afterLength + length + 2;
  }
  return count > 0 ? { words, end: position } : 'other';
}

async function exchanged(words: readonly Buffer[], exchange: SecretExchange): Promise<readonly Buffer[]> {
  const userIndex = positionOfUser(words);
  const user = words[userIndex];
  const secret = words[userIndex + 1];
  if (userIndex < 0 || !user || !secret) return words;
  const replacement = await exchange(user.toString(), secret.toString());
  return replacement === undefined ? words : words.with(userIndex + 1, Buffer.from(replacement));
}

/** `AUTH user secret` and `HELLO version [SETNAME name] AUTH user secret`; `AUTH secret` is the default user's and has no token. */
function positionOfUser(words: readonly Buffer[]): number {
  if (words[0]?.length === 4) return words.length === 3 ? 1 : -1;
  for (let index = 2; index < words.length; index++) {
    const option = words[index]?.toString('latin1').toUpperCase();
    if (option === 'AUTH') return index + 1;
    if (option === 'SETNAME') index++;
  }
  return -1;
}

function encode(words: readonly Buffer[]): Buffer {
  const parts: Buffer[] = [Buffer.from(`*${words.length}\r\n`)];
  for (const word of words) parts.push(Buffer.from(`$${word.length}\r\n`), word, Buffer.from('\r\n'));
  return Buffer.concat(parts);
}

/** Position behind the CRLF (or the bare LF of an inline command), or undefined while the line is not complete. */
function endOfLine(input: Buffer, start: number): number | undefined {
  const lineFeed = input.indexOf(LF, start);
  return lineFeed < 0 ? undefined : lineFeed + 1;
}

/** The number in `*3\r\n` or `$12\r\n`. */
function numberAfterSign(input: Buffer, start: number): number {
  let value = 0;
  for (let index = start + 1; index < input.length && input[index] !== CR; index++) value = value * 10 + ((input[index] as number) - 48);
  return Number.isSafeInteger(value) && value >= 0 ? value : 0;
}
