import { describe, expect, it } from 'vitest';
import { parseOptions } from '../../../bench/deploy/options.ts';
import { settingsOf } from '../../../bench/deploy/settings.ts';

const parsed = (...args: string[]) => {
  const options = parseOptions(args);
  if (options === 'help') throw new Error('help');
  return options;
};

describe('the options of the benchmark of deploys', () => {
  it('have other lags for the examples in Java', () => {
    expect(parsed()).toEqual({ lags: [3, 20, 40], apps: [], strategies: [], users: 200, json: false });
    expect(parsed('--app', 'tomcat,spring')).toMatchObject({ lags: [3, 20], apps: ['tomcat', 'spring'] });
  });

  it.each([
    [['--app', 'jetty'], '--app jetty is not a list of tomcat and spring'],
    [['--lags', 'x'], '--lags x is not a list of seconds'],
    [['--users', '0'], '--users 0 is not a number'],
    [['--strategies', '--only', 'cluster'], 'cluster'],
  ])('%j are refused', (args, message) => {
    expect(() => parseOptions(args)).toThrow(message);
  });

  it('decide which cases run', () => {
    const names = settingsOf(parsed('--app', 'tomcat,spring')).map(({ example }) => example?.name);
    expect(names).toEqual(['tomcat-redis', 'tomcat-no-counts', 'spring-redis']);
    expect(settingsOf(parsed())).toEqual([{ traffic: {} }]);
  });
});
