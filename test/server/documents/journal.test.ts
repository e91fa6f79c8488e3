/** The few lines of a journal that a failed attempt quotes, chosen from what real servers print. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { evaluate } from './run-python.ts';

const journal = (name: string): string => readFileSync(new URL(`journals/${name}`, import.meta.url), 'utf8');
const explaining = (text: string): Promise<string[]> =>
  evaluate('[shorten(line.strip(), 300) for line in explaining(given.split("\\n"))]', text);

describe('what is quoted of', () => {
  it.each([
    [
      'a server.xml that does not parse',
      'tomcat-server-xml.txt',
      'The element type "Connector" must be terminated by the matching end-tag',
    ],
    ['a web application that fails to start', 'tomcat-war.txt', 'Context [] startup failed due to previous errors'],
    ['Tomcat on a port that is in use', 'tomcat-port.txt', 'Caused by: java.net.BindException: Address already in use'],
    ['Spring on a port that is in use', 'spring-port.txt', 'Web server failed to start. Port 18080 was already in use.'],
    ['a Spring context that fails', 'spring-context.txt', "Failed to bind properties under 'spring.session.timeout'"],
    ['classes of a newer Java', 'java-class-version.txt', 'only recognizes class file versions up to 61.0'],
  ])('%s explains it, without frames of the stack', async (_what, name, expected) => {
    const lines = await explaining(journal(name));
    expect(lines.join('\n')).toContain(expected);
    expect(lines.length).toBeLessThanOrEqual(10);
    expect(lines.filter((line) => line.startsWith('at '))).toEqual([]);
  });

  it('a program that is missing is what Python prints last', async () => {
    const text = `Traceback (most recent call last):\n  File "/opt/holdfast/bin/run-app", line 13, in <module>\nFileNotFoundError: [Errno 2] No such file or directory: 'java'`;
    expect((await explaining(text)).at(-1)).toBe("FileNotFoundError: [Errno 2] No such file or directory: 'java'");
  });

  it('a sentence of Holdfast’s own is not lost between the lines of systemd', async () => {
    const text =
      'holdfast: java is not on this server.\na: Main process exited, code=exited, status=1\na: Failed with result 1\na: Scheduled restart\nStopped a\nStarted a';
    expect((await explaining(text))[0]).toBe('holdfast: java is not on this server.');
  });

  it('a service that restarted a hundred times is one failure', async () => {
    const once = (at: number) => `starting ${at}\nError: Cannot find module 'x'\n    at Module._load (node:internal:1)\n`;
    expect(await explaining(Array.from({ length: 100 }, (_, at) => once(at)).join(''))).toEqual([
      'starting 99',
      "Error: Cannot find module 'x'",
    ]);
  });

  it('a log that explains nothing is its last lines', async () => {
    const text = Array.from({ length: 50 }, (_, at) => `line ${'x'.repeat(at)}`).join('\n');
    expect(await explaining(text)).toHaveLength(10);
    expect((await explaining(text)).at(-1)).toBe(`line ${'x'.repeat(49)}`);
  });

  it('a journal that is empty is nothing', async () => {
    expect(await explaining('')).toEqual([]);
  });
});

describe('the first line of a response', async () => {
  const RESPONSES: readonly (readonly [what: string, body: string, line: string])[] = [
    ['Tomcat’s error page, without its styles', journal('tomcat-404.html'), 'HTTP Status 404 – Not Found'],
    ['a page with a script', '<html><script>var a = "<p>no</p>";</script><body><p>Log &amp; in</p></body></html>', 'Log & in'],
    ['a page that does not end', '<html><head><style>p {color:red}', ''],
    ['plain text', '\n\nError: no store\n  at x', 'Error: no store'],
    [
      'an error of Spring’s',
      '{"timestamp":"x","status":404,"error":"Not Found","path":"/health"}',
      'status: 404, error: Not Found, path: /health',
    ],
    ['other JSON', '{"user":"bob","status":"hunter3"}', ''],
    ['a secret', 'cannot connect to redis://:hunter2@store', 'cannot connect to redis://***@store'],
    ['terminal escapes', '\u001b[2J\u001b]0;title\u0007red \u001b[31malert', 'red alert'],
    ['a long line', 'word '.repeat(1_000), `${'word '.repeat(39)}word…`],
    ['nothing', '', ''],
  ];
  const lines = await evaluate<string[]>(
    '[first_line(body, Redactor(["hunter2"])) for body in given]',
    RESPONSES.map(([, body]) => body),
  );

  it.each(RESPONSES.map(([what, , line], at) => [what, lines[at], line]))('of %s', (_what, shown, line) => {
    expect(shown).toBe(line);
  });
});
