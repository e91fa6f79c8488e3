import { describe, expect, test } from 'vitest';
import { createAuthRewriter } from '../../../elasticache/access/auth-rewriter.ts';

const exchange = async (userName: string, secret: string): Promise<string | undefined> =>
  userName === 'iam' ? `inner-of-${secret}` : undefined;

function command(...words: string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
}

describe('what a client sends', () => {
  test.each([
    ['AUTH of a token user', command('AUTH', 'iam', 'token'), command('AUTH', 'iam', 'inner-of-token')],
    ['auth in lower case', command('auth', 'iam', 'token'), command('auth', 'iam', 'inner-of-token')],
    ['HELLO with AUTH', command('HELLO', '3', 'AUTH', 'iam', 'token'), command('HELLO', '3', 'AUTH', 'iam', 'inner-of-token')],
    [
      'HELLO with a name before AUTH',
      command('HELLO', '3', 'SETNAME', 'AUTH', 'auth', 'iam', 'token'),
      command('HELLO', '3', 'SETNAME', 'AUTH', 'auth', 'iam', 'inner-of-token'),
    ],
    ['AUTH of another user', command('AUTH', 'app', 'password'), command('AUTH', 'app', 'password')],
    ['AUTH of the default user', command('AUTH', 'password'), command('AUTH', 'password')],
    ['an inline command', 'PING\r\n', 'PING\r\n'],
    ['an empty payload', command('SET', 'key', ''), command('SET', 'key', '')],
    [
      'a value that looks like a log-in',
      command('SET', 'k', command('AUTH', 'iam', 'x')),
      command('SET', 'k', command('AUTH', 'iam', 'x')),
    ],
    ['names as long as AUTH', command('PING') + command('ECHO', 'AUTH'), command('PING') + command('ECHO', 'AUTH')],
    [
      'a pipeline',
      command('GET', 'a') + command('AUTH', 'iam', 't') + command('SET', 'é', 'ü'),
      command('GET', 'a') + command('AUTH', 'iam', 'inner-of-t') + command('SET', 'é', 'ü'),
    ],
  ])('%s arrives right, however it is cut', async (_title, sent, arrives) => {
    for (const size of [1, 2, 3, 7, 10_000]) {
      const rewrite = createAuthRewriter(exchange);
      const bytes = Buffer.from(sent);
      const received: Buffer[] = [];
      for (let start = 0; start < bytes.length; start += size) received.push(await rewrite(bytes.subarray(start, start + size)));
      expect(Buffer.concat(received).toString()).toBe(arrives);
    }
  });

  test('a payload passes before it is complete', async () => {
    const rewrite = createAuthRewriter(exchange);
    const passed = await rewrite(Buffer.from('*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1000000\r\nfirst'));
    expect(passed.toString()).toMatch(/first$/);
  });
});
