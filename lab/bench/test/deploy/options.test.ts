import { describe, expect, it } from 'vitest';
import { parseOptions } from '../../deploy/options.ts';
import { settingsOf } from '../../deploy/settings.ts';

const parsed = (...args: string[]) => {
  const options = parseOptions(args);
  if (options === 'help') throw new Error('help');
  return options;
};

describe('the options of the benchmark of deploys', () => {
  it('have other lags for the examples in Java', () => {
    expect(parsed()).toEqual({ lags: [3, 20, 40], apps: [], strategies: [], wars: [], bundles: {}, users: 200, json: false });
    expect(parsed('--app', 'tomcat,spring')).toMatchObject({ lags: [3, 20], apps: ['tomcat', 'spring'] });
  });

  it.each([
    [['--app', 'jetty'], '--app jetty is not a list of tomcat and spring'],
    [['--lags', 'x'], '--lags x is not a list of seconds'],
    [['--users', '0'], '--users 0 is not a number'],
    [['--strategies', '--only', 'cluster'], 'cluster'],
    [['--strategies', '--app', 'tomcat', '--only', 'redis'], '--only redis is not one of tomcat-sticky'],
    [['--strategies', '--app', 'spring'], '--app tomcat'],
    [['--wars', '--strategies'], '--wars and --strategies are two comparisons'],
    [['--bundle', '--wars'], '--bundle is a comparison of its own'],
    [['--bundle', '--only', 'node,petclinic'], '--only petclinic is not one of tomcat, node, adopted-first-deploy'],
    [['--wars', '--only', 'petclinic'], '--only petclinic is not one of wicket-9'],
  ])('%j are refused', (args, message) => {
    expect(() => parseOptions(args)).toThrow(message);
  });

  it('compare Holdfast with itself where only the limit is given, and with the script where lags are', () => {
    expect(parsed('--servers', '12', '--max-parallel', '25%')).toMatchObject({
      lags: [3],
      servers: 12,
      maxParallel: '25%',
      withScript: false,
    });
    expect(settingsOf(parsed('--servers', '12', '--max-parallel', '25%'))).toEqual([
      { alone: 'one-at-a-time', server: { minCapacity: 12 }, traffic: {} },
      { alone: 'several-at-once', server: { minCapacity: 12, deploy: { maxParallel: '25%' } }, traffic: {} },
    ]);
    const script = settingsOf(parsed('--servers', '4', '--max-parallel', '2', '--lags', '3,20'));
    expect(script).toEqual([{ server: { minCapacity: 4, deploy: { maxParallel: 2 } }, traffic: {} }]);
    for (const args of [
      ['--servers', '2'],
      ['--max-parallel', '0'],
      ['--max-parallel', '120%'],
      ['--max-parallel', '2', '--app', 'spring'],
    ])
      expect(() => parsed(...args)).toThrow(args[0]);
  });

  it('choose fleets of bundles, cases, or both', () => {
    expect(Object.keys(parsed('--bundle').bundles)).toEqual(['tomcat', 'node']);
    expect(parsed('--bundle', '--only', 'node').bundles.node).not.toContain('termination');
    expect(parsed('--bundle', '--only', 'tomcat,reboot,termination').bundles).toEqual({ tomcat: ['reboot', 'termination'] });
  });

  it('decide which cases run', () => {
    const names = settingsOf(parsed('--app', 'tomcat,spring')).map(({ example }) => example?.name);
    expect(names).toEqual(['tomcat-redis', 'tomcat-no-counts', 'spring-redis']);
    expect(settingsOf(parsed())).toEqual([{ traffic: {} }]);
  });
});
