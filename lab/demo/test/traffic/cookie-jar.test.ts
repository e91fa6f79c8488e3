import { describe, expect, it } from 'vitest';
import { CookieJar } from '../../traffic/cookie-jar.ts';

const jarWith = (line: string, secure = false) => {
  const jar = new CookieJar(secure);
  jar.store(['AWSALB=stuck; Path=/', line], 1_000);
  return jar;
};

describe('CookieJar', () => {
  it.each([
    ['a plain cookie', 'SID=a=b; Path=/; HttpOnly', 'AWSALB=stuck; SID=a=b'],
    ['one that lives on', 'SID=a; Max-Age=1', 'AWSALB=stuck; SID=a'],
    ['one that ends at once', 'SID=a; Max-Age=0', 'AWSALB=stuck'],
    ['one that ended', 'SID=a; Expires=Thu, 01 Jan 1970 00:00:00 GMT', 'AWSALB=stuck'],
    ['Max-Age against Expires', 'SID=a; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=9', 'AWSALB=stuck; SID=a'],
    ['Secure without HTTPS', 'SID=a; Secure', 'AWSALB=stuck'],
  ])('%s', (_what, line, header) => {
    expect(jarWith(line).header(1_500)).toBe(header);
  });

  it('keeps Secure cookies of an HTTPS origin, and replaces and ends them', () => {
    const jar = jarWith('SID=a; Secure; Max-Age=2', true);
    jar.store(['SID=b; Secure; Max-Age=4'], 2_000);
    expect(jar.header(5_999)).toBe('AWSALB=stuck; SID=b');
    expect(jar.header(6_000)).toBe('AWSALB=stuck');
  });
});
