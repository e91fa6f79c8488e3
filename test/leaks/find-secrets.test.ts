import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createFinder } from './find-secrets.ts';
import { formsOf } from './forms-of-secret.ts';

const ID = 'Zr3kQ-xD_9vLw2HcTn7bYpM4sJf8AeUg';
const PASSWORD = `7;j"D5(&<w\\>'k/%é+q1`;
const finder = createFinder([
  { kind: 'session id', value: ID },
  { kind: 'password', value: PASSWORD },
]);
const cookie = `s:${ID}.${'c'.repeat(43)}`;

describe('a session id is found', () => {
  it.each<[string, string | Buffer]>([
    ['in a line of a log', `GET /count sess:${ID} 200`],
    ['in a Cookie header', `connect.sid=${encodeURIComponent(cookie)}`],
    ['in JSON within JSON', JSON.stringify({ message: JSON.stringify({ cookie }) })],
    ['at the very end', ID],
    ['in a compressed archive', gzipSync(`before ${ID} after`)],
    ['in hex', Buffer.from(cookie).toString('hex')],
    ...[0, 1, 2].map((more): [string, string] => [
      `in base64 with ${more} letters before it`,
      Buffer.from(`${'u'.repeat(more)}${cookie}`).toString('base64'),
    ]),
    ['in the base64 of URLs', Buffer.from(`sess:${ID}`).toString('base64url')],
  ])('%s', (_name, text) => {
    expect(finder.find(text)).toEqual(['session id']);
  });
});

describe('a password with letters that need quoting is found', () => {
  const xml = PASSWORD.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  it.each([
    ['as it is', `auth ${PASSWORD}\n`],
    ['in JSON', JSON.stringify({ PASSWORD })],
    ['in JSON within JSON', JSON.stringify(JSON.stringify({ PASSWORD }))],
    ['in a URL', `redis://application:${encodeURIComponent(PASSWORD)}@127.0.0.1`],
    ['in the form of a query', `p=${encodeURIComponent(PASSWORD).replace('(', '%28').replace("'", '%27')}`],
    ['in XML', `<Value>${xml}</Value>`],
    ['in base64, as basic authorization', Buffer.from(`application:${PASSWORD}`).toString('base64')],
  ])('%s', (_name, text) => {
    expect(finder.find(text)).toEqual(['password']);
  });
});

describe('the finder', () => {
  it('reports every kind, and never a value', () => {
    expect(finder.find(`${PASSWORD} ${ID} ${ID}`)).toEqual(['password', 'session id']);
  });

  it('finds nothing in part of a secret, in another id, or in nothing', () => {
    expect(finder.find(ID.slice(0, -1))).toEqual([]);
    expect(finder.find(ID.toLowerCase())).toEqual([]);
    expect(finder.find('')).toEqual([]);
    expect(finder.find(gzipSync('of something else').subarray(0, 12))).toEqual([]);
  });

  it('refuses a secret that other text has by chance, without printing it', () => {
    expect(() => createFinder([{ kind: 'password', value: 'short' }])).toThrow('a secret of the kind "password" has 5 letters');
  });

  it('keeps every form long enough to be looked up', () => {
    for (const value of ['abcdefghijkl', PASSWORD, ID]) expect(Math.min(...formsOf(value).map((form) => form.length))).toBeGreaterThan(8);
  });

  it('searches 10 MB for a thousand session ids within seconds', () => {
    const many = createFinder(
      Array.from({ length: 1_000 }, (_, index) => ({ kind: 'session id', value: `${ID.slice(6)}${String(index).padStart(6, '0')}` })),
    );
    const text = Buffer.alloc(10_000_000, 'Zr3kQ-xD, an ordinary line of a log with Base64Letters+and/words\n');
    const start = performance.now();
    expect(many.find(text)).toEqual([]);
    expect(performance.now() - start).toBeLessThan(8_000);
  });
});
