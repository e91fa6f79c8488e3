import { describe, expect, it } from 'vitest';
import { callerFolder, help, parseStartOptions, type StartOptions } from '../../start-options.ts';

describe('the options of npm start', () => {
  it('have defaults: 200 users, free ports, the Node example', () => {
    expect(parseStartOptions([], '/here')).toEqual({
      once: false,
      json: false,
      realTime: false,
      storeOnly: false,
      traffic: true,
      from: '/here',
      config: { file: undefined },
      users: 200,
      loadBalancerPort: 0,
      gatewayPort: 0,
      pagePort: 0,
    });
  });

  it('have examples in their help', () => {
    expect(parseStartOptions(['--help'], '/here')).toBe('help');
    expect(help({ from: '1.0.0', to: '1.1.0' })).toContain('npm start -- --once --json');
  });

  it('--app is a name, or relative to the caller', () => {
    expect(parseStartOptions(['--app', 'tomcat'], '/here')).toMatchObject({ app: 'tomcat', from: '/here' });
  });

  it('--no-traffic and --recipe are about the traffic', () => {
    const { traffic, recipe } = parseStartOptions(['--no-traffic', '--recipe', 'r.json'], '/here') as StartOptions;
    expect([traffic, recipe]).toEqual([false, 'r.json']);
  });

  it('--config is relative to the caller', () => {
    expect(parseStartOptions(['--config', '../mine.json'], '/here')).toMatchObject({ config: { file: '/mine.json' } });
  });

  it.each([
    ['--port', ''],
    ['--port', '1e9'],
    ['--users', '1.5'],
    ['--page-port', '-1'],
    ['--gateway-port', 'x'],
  ])('%s %j is refused, quoting it', (option, value) => {
    expect(() => parseStartOptions([`${option}=${value}`], '/here')).toThrow(`${option} ${JSON.stringify(value)} is not a whole number`);
  });

  it.each([
    [
      ['--port', '70000'],
      '--port "70000" is not a whole number from 0 to 65535; nothing was started. "npm start -- --help" shows the options',
    ],
    [['--app', 'tomcat', '--strategy', 'memory'], '--strategy "memory" is not one of sticky, tomcat-cluster, redis; nothing was started'],
    [['--strategy', 'sticky'], '--strategy needs --app tomcat'],
    [['--store-only', '--app', 'tomcat'], '--app cannot be used with --store-only, which has no fleet; nothing was started'],
    [['--store-only', '--recipe', 'r.json'], '--recipe cannot be used with --store-only'],
    [['--frob'], "Unknown option '--frob'"],
    [['extra'], 'Unexpected argument'],
  ])('%j are refused in one sentence, as bad input', (args, sentence) => {
    const message = expect.stringMatching(/^[^\n]+$/);
    expect(() => parseStartOptions(args, '/here')).toThrow(expect.objectContaining({ code: 'InvalidOption', exitCode: 2, message }));
    expect(() => parseStartOptions(args, '/here')).toThrow(sentence);
  });

  it.each([
    ['npm start from a folder below', { npm_lifecycle_event: 'start', INIT_CWD: '/below' }, '/below'],
    ['another npm script', { npm_lifecycle_event: 'test', INIT_CWD: '/below' }, '/here'],
    ['the script itself', {}, '/here'],
  ])('relative paths are relative to the caller: %s', (_, env, folder) => {
    expect(callerFolder(env, '/here')).toBe(folder);
  });
});
