/** The secret of a LocalStack that the user runs, which both are started with: ops/localstack/docker-compose.yml. */
import { createHmac } from 'node:crypto';

export const ENDPOINT_TOKEN = 'HOLDFAST_EMULATOR_TOKEN';
/** 128 random bits in hex. */
export const SHORTEST_TOKEN = 32;
/** Prints a secret that is long enough and random. */
export const MAKE_TOKEN = 'openssl rand -hex 32';
/** 32 random hex digits have fewer different ones once in thousands of millions of times: 8,008 × (6/16)^32. */
const FEWEST_DIFFERENT = 7;
/** What the encodings of random bytes have: hex, base64, base64url, base32 and UUIDs. */
const ENCODED = /^[A-Za-z0-9+/=_-]*$/;
const HEX = /^[0-9A-Fa-f_-]+$/;
/** A word, or several in camel case, with a number of a few digits behind it. */
const WORDS = /^(?:(?:[A-Z]?[a-z])*|[A-Z]+)[0-9]{0,4}$/;
/**
 * A row of one character, or of characters that continue each other, such as `01234567`; and a text that comes twice.
 * Fewer than one in a million random secrets is refused. 64 hex digits, and two UUIDs without their dashes, which share two digits:
 * one character 57 / 16^7 = 2.1e-7, digits in order 57 × 6 / 16^8 = 8e-8, a text of 9 twice 56 × 55 / 2 / 16^9 = 2.2e-8
 * (UUIDs: 3e-8).
 * The 43 characters of 32 bytes in base64: one character 38 / 64^5 = 3.5e-8, in order 2 × 38 / 64^5 = 7.1e-8,
 * a text of 6 twice 38 × 37 / 2 / 64^6 = 1e-8, words alone 0.66^43 = 2e-8 (λ² = 26/64 × λ + (26/64)²: a capital has a small letter behind it).
 */
const SHORTEST_WEAK = { hex: { row: 8, twice: 9 }, other: { row: 6, twice: 6 } };

/** @returns why it is not a secret of random characters, as a part of a sentence; undefined when nothing shows that it is weak. It never has the secret itself. Pure */
export function whyWeak(token: string): string | undefined {
  if (token.length < SHORTEST_TOKEN) return `has only ${token.length} ${token.length === 1 ? 'character' : 'characters'}`;
  if (!ENCODED.test(token)) return 'has spaces or other characters that random bytes in hex or base64 do not have';
  if (new Set(token).size < FEWEST_DIFFERENT) return 'repeats the same few characters';
  if (isRepeated(token)) return 'repeats a shorter text';
  const isHex = HEX.test(token);
  const characters = isHex ? token.replaceAll(/[_-]/g, '') : token;
  const { row, twice } = isHex ? SHORTEST_WEAK.hex : SHORTEST_WEAK.other;
  if (longestRun(characters, [-1, 1]) >= row) return 'has characters in the order of the alphabet or of numbers';
  if (longestRun(characters, [0]) >= row) return 'repeats one character';
  if (hasTwice(characters, twice)) return 'repeats a part of itself';
  if (!isHex && token.split(/[-_+/=]/).every((part) => WORDS.test(part))) return 'reads as words';
  return undefined;
}

/** Whether some text of this length comes twice. */
function hasTwice(token: string, length: number): boolean {
  for (let at = 0; at + length <= token.length; at += 1) if (token.includes(token.slice(at, at + length), at + 1)) return true;
  return false;
}

/** One text again and again, the last time perhaps in part: `secretsecretsec`. */
function isRepeated(token: string): boolean {
  for (let length = 1; length <= token.length / 2; length += 1)
    if (token.slice(length) === token.slice(0, token.length - length)) return true;
  return false;
}

/** The most characters in a row of which each follows the one before it by the same one of these steps. */
function longestRun(token: string, steps: readonly number[]): number {
  let [longest, run, step] = [1, 1, Number.NaN];
  for (let at = 1; at < token.length; at += 1) {
    const next = token.charCodeAt(at) - token.charCodeAt(at - 1);
    run = steps.includes(next) ? (next === step ? run + 1 : 2) : 1;
    step = next;
    longest = Math.max(longest, run);
  }
  return longest;
}

/** Undefined where it is absent or no secret of random characters. */
export function endpointToken(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const token = env[ENDPOINT_TOKEN];
  return token !== undefined && whyWeak(token) === undefined ? token : undefined;
}

/** Derived from the secret, which itself is never sent: what one side is sent is no use against the other one. */
export const tokensFrom = (token: string): { readonly runToken: string; readonly eventToken: string } => ({
  runToken: derived(token, 'to LocalStack'),
  eventToken: derived(token, 'to the gateway'),
});

const derived = (token: string, to: string): string => createHmac('sha256', token).update(to).digest('hex');
