import { describe, expect, it } from 'vitest';
import { pinPattern, unfitRoutes } from '../../../../functions/deploy/sessions/pin-pattern.ts';

describe('the pattern of a server’s sessions', () => {
  const id = 'i-0abc';
  it.each([
    ['Tomcat’s route at the end', 'JSESSIONID=A1B2.i-0abc', true],
    ['among other cookies', 'AWSALB=x; JSESSIONID=A1B2.i-0abc; theme=dark', true],
    ['express-session, whose signature follows', 'a=b; JSESSIONID=s%3AA1.i-0abc.c2lnbg%3D', true],
    ['in quotation marks', 'a=b; JSESSIONID="A1.i-0abc"; c=d', true],
    ['in quotation marks, of a longer route', 'JSESSIONID="A1.i-0abcd"', false],
    ['without a space between cookies', 'a=b;JSESSIONID=A1.i-0abc', true],
    ['a route that begins alike', 'JSESSIONID=A1B2.i-0abcd', false],
    ['a route that ends alike', 'JSESSIONID=A1B2.xi-0abc', false],
    ['another cookie with the route', 'OTHER=A1B2.i-0abc', false],
    ['a cookie whose name ends alike', 'XJSESSIONID=A1B2.i-0abc', false],
    ['the route of another server, and this one in another cookie', 'JSESSIONID=A1.i-0def; LAST=x.i-0abc', false],
    ['no session', 'theme=dark', false],
  ])('%s', (_, header, matches) => {
    const pattern = pinPattern('JSESSIONID', id);
    // Whether the load balancer searches the value or matches the whole of it.
    expect(new RegExp(pattern, 'i').test(header)).toBe(matches);
    expect(new RegExp(`^(?:${pattern})$`, 'i').test(header)).toBe(matches);
  });

  it('takes names with characters of expressions as they are', () => {
    expect(new RegExp(pinPattern('__Host-a.b', 'r1')).test('__Host-aXb=1.r1')).toBe(false);
    expect(new RegExp(pinPattern('__Host-a.b', 'r1')).test('__Host-a.b=1.r1')).toBe(true);
  });
});

describe('routes that do not distinguish servers', () => {
  const server = (instanceId: string, route?: string, cookie: string | undefined = 'SID') => ({ instanceId, cookie, route });
  it.each([
    ['none', [server('i-1', 'i-1'), server('i-2', 'i-2')], []],
    ['the same, whatever the case', [server('i-1', 'a'), server('i-2', 'A')], [/i-1 has the same route as i-2/, /i-2 has the same route/]],
    ['the beginning of another', [server('i-1', 'tomcat1'), server('i-2', 'tomcat10')], [/i-1 has the route tomcat1, with which tomcat10/]],
    ['missing', [server('i-1'), server('i-2', 'b')], [/i-1 has no route .* set session\.route/]],
    ['of sessions without an end', [{ ...server('i-1', 'a'), timeoutSeconds: -1 }], [/i-1 never ends idle sessions \(session-timeout -1/]],
    [
      'with two cookies',
      [{ instanceId: 'i-1', route: 'a', reason: 'the server has more than one session cookie (A, B)' }],
      [/i-1 counts sessions whose cookie is not known: the server has more than one session cookie \(A, B\)/],
    ],
    ['with a dot', [server('i-1', 'a.b')], [/letters, digits/]],
    ['too long for a rule', [server('i-1', 'r'.repeat(60), 'C'.repeat(40))], [/138 characters .* the maximum is 128/]],
  ])('%s', (_, servers, problems) => {
    const found = unfitRoutes(servers);
    expect(found).toHaveLength(problems.length);
    for (const [index, problem] of problems.entries()) expect(found[index]).toMatch(problem);
  });

  it('needs the cookie’s name', () => {
    expect(unfitRoutes([{ instanceId: 'i-1', route: 'a' }])).toEqual([expect.stringContaining('set session.cookie')]);
  });
});
