/** Uploads of root whose parts are signed one by one: what was changed on the way never reaches the emulator as a whole. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { chunkSignature, trailerSignature } from '../../iam/signature.ts';
import { ROOT } from '../root-credentials.ts';
import { type Fixture, rootOnly, startFixture } from './gateway-fixture.ts';
import { send, sha256, signHeaders } from './sign-request.ts';

let fixture: Fixture;
let url: string;
beforeAll(async () => {
  fixture = await startFixture([], rootOnly());
  url = fixture.gateway.url;
});
afterAll(() => fixture.close());
beforeEach(() => {
  fixture.emulator.asked.length = 0;
});

describe('a body in signed chunks', () => {
  const streaming = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD';
  const trailing = `${streaming}-TRAILER`;

  /** @param parts of the body @param trailer with CRLF at its end */
  function chunked(parts: readonly string[], trailer?: string): { headers: Record<string, string>; body: string } {
    const attempt = { method: 'PUT', path: '/bucket/k', payload: trailer === undefined ? streaming : trailing };
    const { headers, seed } = signHeaders(url, attempt);
    let previous = seed.signature;
    const chunks = [...parts, ''].map((part) => {
      previous = chunkSignature(ROOT.secretAccessKey, seed, previous, sha256(part));
      return `${part.length.toString(16)};chunk-signature=${previous}\r\n${part}${part === '' ? '' : '\r\n'}`;
    });
    const end =
      trailer === undefined
        ? '\r\n'
        : `${trailer}x-amz-trailer-signature:${trailerSignature(ROOT.secretAccessKey, seed, previous, sha256(trailer.replaceAll('\r\n', '\n')))}\r\n\r\n`;
    return { headers, body: chunks.join('') + end };
  }
  const put = ({ headers, body }: { headers: Record<string, string>; body: string }) =>
    send(url, { method: 'PUT', path: '/bucket/k', headers, body });
  const parts = ['a'.repeat(200_000), 'b'.repeat(70_001), 'c'];

  it('reaches the emulator as it was sent, with and without trailers', async () => {
    const whole = [chunked(parts), chunked([]), chunked(parts, 'x-amz-checksum-crc32c:sOO8/Q==\r\n')];
    for (const upload of whole) expect((await put(upload)).status).toBe(201);
    expect(fixture.emulator.asked.map(({ body }) => body === whole.shift()?.body)).toEqual([true, true, true]);
  });

  it.each<[string, () => ReturnType<typeof chunked>]>([
    ['a part is changed', () => ({ ...chunked(parts), body: chunked(parts).body.replace('aaa', 'xxx') })],
    ['a part is left out', () => ({ ...chunked(parts), body: chunked(parts).body.replace(/1;chunk-signature=[0-9a-f]{64}\r\nc\r\n/, '') })],
    ['the end is left out', () => ({ ...chunked(parts), body: chunked(parts).body.replace(/0;chunk-signature=.*$/s, '') })],
    ['something follows the end', () => ({ ...chunked(parts), body: `${chunked(parts).body}more` })],
    ['a trailer is changed', () => ({ ...chunked(parts, 'a:b\r\n'), body: chunked(parts, 'a:b\r\n').body.replace('a:b', 'a:c') })],
    ['no chunk is signed', () => ({ ...chunked(parts), body: '1\r\na\r\n0\r\n\r\n' })],
    ['a line has no end', () => ({ ...chunked(parts), body: 'f'.repeat(100_000) })],
  ])('is refused when %s', async (_what, upload) => {
    const reply = await put(upload());
    expect([reply.status, fixture.emulator.asked]).toEqual([403, []]);
    expect(reply.text).toContain('<Code>SignatureDoesNotMatch</Code>');
  });
});
