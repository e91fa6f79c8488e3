import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseContract } from '../../../cli/releases/read-contract.ts';
import { InvalidRelease } from '../../../cli/releases/release-errors.ts';
import { appContract, PROBES } from '../../../functions/shared/app-contract.ts';
import { CONTRACT } from './release-folder.ts';

const status = '/status';

describe('parseContract', () => {
  it('validates a pattern in every probe', () => {
    const probes = Object.keys(appContract.shape).filter(
      (key) => appContract.safeParse({ ...CONTRACT, [key]: { path: status, pattern: '(a)' } }).success,
    );
    expect(probes.toSorted()).toEqual([...PROBES].toSorted());
  });

  it('compiles a pattern that would take years to run, and never runs it', () => {
    const startedMs = performance.now();
    const pattern = '((?:(?:(?:a?){9999}){9999}){9999}b)';
    expect(parseContract(JSON.stringify({ ...CONTRACT, errors: { path: status, pattern } })).errors).toEqual({ path: status, pattern });
    expect(performance.now() - startedMs).toBeLessThan(30_000);
  });

  const hostile = ['/a\u001b[2Jb', '/a\u009b', '/ab\u202e', '/\u00fcber', '/a b', '/a\tb', '/a\u007f', '//\ud800', 'relative', ''];
  it.each(hostile)('refuses %j as any path: printable ASCII alone', (path) => {
    const probe = { path, pattern: '(a)' };
    const { health } = CONTRACT as { health: object };
    for (const part of [
      { health: { ...health, ready: path } },
      { health: { ...health, loadBalancer: path } },
      { health: { ...health, ready: { path, status: 200 } } },
      { inFlight: probe },
      { errors: { path, field: 'a' } },
      { sessions: { ...probe, before: 'before' } },
      { session: { cookie: 'SID', page: path } },
      { session: { cookie: 'SID', end: path } },
      { session: { cookie: 'SID', route: probe } },
      { logs: { access: { path: 'access.log', pattern: '%h', paths: [path] } } },
      ...(path === 'relative' ? [] : [{ logs: { application: path } }, { logs: { access: { path, pattern: '%h' } } }]),
    ])
      if (!('logs' in part) || path !== '//\ud800')
        expect(appContract.safeParse({ ...CONTRACT, ...part }).success, JSON.stringify(part)).toBe(false);
  });

  it('gives a right contract', () => {
    const withPattern = { ...CONTRACT, inFlight: { path: '/manager/jmxproxy/?get=a', pattern: 'currentThreadsBusy = (\\d+)' } };
    expect(parseContract(JSON.stringify(CONTRACT))).toEqual(CONTRACT);
    expect(parseContract(JSON.stringify(withPattern))).toEqual(withPattern);
    const withLogs = {
      ...CONTRACT,
      logs: {
        access: { path: '/var/log/nginx/access.log', pattern: '%h %t "%m %U%q" %>s %{SID}C', paths: ['/shop'] },
        application: 'app.log',
      },
      session: { cookie: 'SID', page: '/login', route: { path: status, pattern: 'route=([a-z]+)' }, timeoutSeconds: 1800 },
    };
    expect(parseContract(JSON.stringify(withLogs))).toEqual(withLogs);
    const probe = { path: '/jmx', pattern: '(1)' };
    const withPorts = { ...CONTRACT, statusPort: 8005, inFlight: { ...probe, port: 'STATUS_PORT' }, errors: { ...probe, port: 9000 } };
    expect(parseContract(JSON.stringify(withPorts))).toEqual(withPorts);
  });

  it.each<[string, unknown, string]>([
    ['an unknown key', { ...CONTRACT, healht: {} }, 'unknown key "healht": remove it or correct its name. Did you mean health?'],
    [
      'an unknown key inside',
      { ...CONTRACT, health: { ...CONTRACT.health, depth: 1 } },
      'unknown key "health.depth": remove it or correct its name.',
    ],
    ['a missing key', { ...CONTRACT, health: { ready: '/health' } }, '"health.loadBalancer" is missing: it must be a text.'],
    ['a command line as text', { ...CONTRACT, start: 'node server.mjs' }, '"start" is "node server.mjs": it must be a list.'],
    ['an empty command', { ...CONTRACT, start: [] }, '"start" is []: it must not be empty.'],
    ['an empty argument', { ...CONTRACT, start: ['node', ''] }, '"start.1" is "": it must not be empty.'],
    ['a port as text', { ...CONTRACT, port: '8080' }, '"port" is "8080": it must be a number.'],
    ['half a port', { ...CONTRACT, port: 80.5 }, '"port" is 80.5: it must be a whole number.'],
    ['port 0', { ...CONTRACT, port: 0 }, '"port" is 0: it must be at least 1.'],
    [
      'a probe with a wrong port',
      { ...CONTRACT, errors: { path: status, field: 'a', port: 'MANAGEMENT' } },
      '"errors.port" is "MANAGEMENT": it must be a port from 1 to 65535, or "STATUS_PORT".',
    ],
    [
      'a status port without number',
      { ...CONTRACT, errors: { path: status, field: 'a', port: 'STATUS_PORT' } },
      'errors.port is "STATUS_PORT", but "statusPort" is missing: add it, a port that only probes use.',
    ],
    [
      'a status port for users',
      { ...CONTRACT, statusPort: CONTRACT.port },
      `"statusPort" is ${CONTRACT.port}, which is "port" as well: give it another number.`,
    ],
    [
      'a route that is the same on every server',
      { ...CONTRACT, session: { cookie: 'SID', route: 'server1' } },
      '"session.route" is "server1": it must be an object with "path" and either "field" or "pattern".',
    ],
    [
      'a route without a group in its pattern',
      { ...CONTRACT, session: { cookie: 'SID', route: { path: status, pattern: 'route' } } },
      'session.route.pattern is "route", which has no group: put the number in parentheses.',
    ],
    [
      'a route at a port without number',
      { ...CONTRACT, session: { cookie: 'SID', route: { path: status, field: 'route', port: 'STATUS_PORT' } } },
      'session.route.port is "STATUS_PORT", but "statusPort" is missing: add it, a port that only probes use.',
    ],
    [
      'a session that never ends',
      { ...CONTRACT, session: { cookie: 'SID', timeoutSeconds: 'never' } },
      '"session.timeoutSeconds" is "never": it must be a whole number of seconds from 1 to 31536000, or an object with "path" and either "field" or "pattern".',
    ],
    [
      'a time-out of 0 s',
      { ...CONTRACT, session: { cookie: 'SID', timeoutSeconds: 0 } },
      '"session.timeoutSeconds" is 0: it must be at least 1.',
    ],
    [
      'a time-out that is no probe',
      { ...CONTRACT, session: { cookie: 'SID', timeoutSeconds: { path: status } } },
      '"session.timeoutSeconds" has neither "field" nor "pattern": give one of them.',
    ],
    ['port 70000', { ...CONTRACT, port: 70000 }, '"port" is 70000: it must be at most 65535.'],
    [
      'a URL as a path',
      { ...CONTRACT, health: { loadBalancer: 'http://x/', ready: '/h' } },
      '"health.loadBalancer" is "http://x/": it must be a path that begins with / and has no spaces.',
    ],
    [
      'both field and pattern',
      { ...CONTRACT, errors: { path: status, field: 'a', pattern: '(a)' } },
      '"errors" has both "field" and "pattern": give one of them.',
    ],
    ['neither', { ...CONTRACT, errors: { path: status } }, '"errors" has neither "field" nor "pattern": give one of them.'],
    [
      'a probe as text',
      { ...CONTRACT, errors: status },
      '"errors" is "/status": it must be an object with "path" and either "field" or "pattern".',
    ],
    ['a probe without path', { ...CONTRACT, errors: { field: 'a' } }, '"errors.path" is missing: it must be a text.'],
    [
      'a field with spaces',
      { ...CONTRACT, requests: { path: status, field: 'a b' } },
      '"requests.field" is "a b": it must be a name of letters, digits, dots, _ and -.',
    ],
    [
      'an unknown key of a probe',
      { ...CONTRACT, requests: { path: status, field: 'a', unit: 's' } },
      'unknown key "requests.unit": remove it or correct its name.',
    ],
    [
      'a pattern that does not compile',
      { ...CONTRACT, sessions: { path: status, pattern: '(' } },
      'sessions.pattern is "(", which is not a regular expression.',
    ],
    [
      'a pattern without a group',
      { ...CONTRACT, sessions: { path: status, pattern: '\\d+' } },
      'sessions.pattern is "\\\\d+", which has no group: put the number in parentheses.',
    ],
    [
      'a group that captures nothing',
      { ...CONTRACT, sessions: { path: status, pattern: '(?:a)' } },
      'sessions.pattern is "(?:a)", which has no group: put the number in parentheses.',
    ],
    [
      'a log without a pattern',
      { ...CONTRACT, logs: { access: { path: 'access.log' } } },
      '"logs.access.pattern" is undefined: it must be the log\'s format as its server has it, or an object with the names of fields.',
    ],
    [
      'a log whose lines have no status',
      { ...CONTRACT, logs: { access: { path: 'access.log', pattern: '%h %t "%r"' } } },
      'logs.access.pattern is "%h %t \\"%r\\"", which has no status: add %s or $status.',
    ],
    [
      'fields of a log that nothing separates',
      { ...CONTRACT, logs: { access: { path: 'access.log', pattern: '$time $status$session' } } },
      'logs.access.pattern is "$time $status$session", whose $session has no character before it that separates it from another field.',
    ],
    [
      'two queries of a log',
      { ...CONTRACT, logs: { access: { path: 'access.log', pattern: '%t %s %U%q%q' } } },
      'logs.access.pattern is "%t %s %U%q%q", whose %q has no character before it that separates it from another field.',
    ],
    [
      'a field of JSON that is unknown',
      { ...CONTRACT, logs: { access: { path: 'a.log', pattern: { time: 't', status: 's', user: 'u' } } } },
      'unknown key "logs.access.pattern.user": remove it or correct its name.',
    ],
    [
      'a log path with a space',
      { ...CONTRACT, logs: { application: 'my app.log' } },
      '"logs.application" is "my app.log": it must be a path without spaces.',
    ],
    [
      'a cookie with its value',
      { ...CONTRACT, session: { cookie: 'SID=1' } },
      '"session.cookie" is "SID=1": it must be the name of a cookie.',
    ],
    [
      'an escape that the server does not know',
      { ...CONTRACT, errors: { path: status, pattern: '(\\p)' } },
      'errors.pattern is "(\\\\p)", whose \\p Python does not know.',
    ],
    [
      'a named group',
      { ...CONTRACT, errors: { path: status, pattern: '(?<n>\\d+)' } },
      'whose named group Python does not know: use parentheses without a name.',
    ],
    ['empty brackets', { ...CONTRACT, errors: { path: status, pattern: '([^])' } }, 'whose empty brackets Python reads differently.'],
    [
      'a contract of 64 KB',
      { ...CONTRACT, start: ['x'.repeat(65_536)] },
      'holdfast.app.json is longer than 65536 bytes, which is the limit.',
    ],
    ['a long pattern', { ...CONTRACT, sessions: { path: status, pattern: 'x'.repeat(300) } }, 'it must be at most 256 characters.'],
    ['a list', [], 'the whole is []: it must be an object.'],
  ])('%s', (_what, value, sentence) => {
    const parse = () => parseContract(JSON.stringify(value));
    expect(parse).toThrow(InvalidRelease);
    expect(parse).toThrow(sentence);
  });

  it('refuses text that is not valid JSON', () => {
    expect(() => parseContract('{ start: 1 }')).toThrow(/^holdfast\.app\.json is not valid JSON: .+/);
    // As editors of Windows write it; Python on the server does not read it either.
    expect(() => parseContract(`\ufeff${JSON.stringify(CONTRACT)}`)).toThrow(
      'it begins with a byte order mark (BOM), which editors do not show',
    );
  });

  it('takes every contract that docs/app-contract.md and docs/incident-logs.md show', () => {
    const pages = ['incident-logs', 'app-contract'].map((page) =>
      readFileSync(new URL(`../../../docs/${page}.md`, import.meta.url), 'utf8'),
    );
    const shown = [...pages.join('\n').matchAll(/```json\n(.*?)```/gs)].map(([, json]) => parseContract(json ?? ''));
    expect(shown.map((app) => app.start[0])).toEqual(['bin/shop', 'node']);
  });
});
