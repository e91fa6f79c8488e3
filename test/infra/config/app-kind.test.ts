/** A fleet whose releases are made from a WAR: what follows from its `app`, and what is refused. */
import { describe, expect, it } from 'vitest';
import { sessionGroups } from '../../../infra/config/session-groups.ts';
import { holdfastConfig, parseConfig } from '../../../infra/config.ts';

const HEALTH = { loadBalancer: '/live.jsp', ready: '/health' };
const APP = { kind: 'tomcat', home: '/usr/share/tomcat10', libraries: 'redisson.tar.gz', health: HEALTH };

const fleetOf = (fleet: object) => holdfastConfig.parse({ fleets: { web: { allowPlainHttp: true, ...fleet } } }).fleets['web'];
const refusals = (fleet: object): string[] => {
  try {
    parseConfig(JSON.stringify({ fleets: { web: { allowPlainHttp: true, ...fleet } } }), 'FILE');
    return [];
  } catch (error) {
    return (error as Error).message.split('\n').slice(1);
  }
};

describe('a fleet of Tomcat servers', () => {
  it('gets the packages of Java and Tomcat, the health path and the channels of Redisson', () => {
    const config = holdfastConfig.parse({ fleets: { web: { allowPlainHttp: true, app: APP } } });
    expect(config.fleets['web']).toMatchObject({
      runtimePackages: ['java-17-amazon-corretto-headless', 'tomcat10'],
      healthPath: '/live.jsp',
    });
    expect(sessionGroups(config)[0]?.channels).toEqual(['redisson-tomcat']);
  });

  it('is checked at a path of Holdfast’s own when it has none, and with its status codes when it has them', () => {
    const { health: _health, ...rest } = APP;
    expect(fleetOf({ app: rest })).toMatchObject({ healthPath: '/holdfast/live', healthStatus: '200' });
    const health = { loadBalancer: '/', status: '200,302' };
    expect(fleetOf({ app: { ...APP, health } })).toMatchObject({ healthPath: '/', healthStatus: '200,302' });
  });

  it('gets no package for what is in the release, or elsewhere on the server', () => {
    const { home: _home, ...rest } = APP;
    expect(fleetOf({ app: { ...rest, archive: 'tomcat.tar.gz' } })?.runtimePackages).toEqual(['java-17-amazon-corretto-headless']);
    expect(fleetOf({ app: { ...APP, home: '/opt/tomcat', javaHome: '/opt/jdk' } })?.runtimePackages).toEqual([]);
    expect(fleetOf({ app: APP, runtimePackages: ['java-21-amazon-corretto-headless'] })?.runtimePackages).toEqual([
      'java-21-amazon-corretto-headless',
      'tomcat10',
    ]);
    expect(fleetOf({ app: APP, runtimePackages: ['amazon-cloudwatch-agent'] })?.runtimePackages).toEqual([
      'amazon-cloudwatch-agent',
      'java-17-amazon-corretto-headless',
      'tomcat10',
    ]);
  });

  it('has no channels with sessions in memory', () => {
    const config = holdfastConfig.parse({ fleets: { web: { allowPlainHttp: true, strategy: 'sticky', app: APP } } });
    expect(sessionGroups(config)[0]?.channels).toEqual([]);
  });

  it.each<[string, object, string]>([
    ['an unknown kind', { app: { ...APP, kind: 'jetty' } }, 'must be an object with "kind": "tomcat"'],
    ['a session cookie with a space', { app: { ...APP, session: { cookie: 'a b' } } }, 'must be a name of 1 to 64 letters'],
    ['a session page without a slash', { app: { ...APP, session: { cookie: 'SID', page: 'begin' } } }, 'must be a path that begins with /'],
    ['neither home nor archive', { app: { ...APP, home: undefined } }, 'needs one of home'],
    ['home and archive', { app: { ...APP, archive: 'tomcat.tar.gz' } }, 'needs one of home'],
    ['a relative home', { app: { ...APP, home: 'tomcat' } }, 'must be an absolute path on the servers'],
    ['no libraries for Redisson', { app: { ...APP, libraries: undefined } }, "kept by Redisson's Tomcat manager"],
    [
      'Redisson in a Tomcat cluster',
      { strategy: 'tomcat-cluster', app: { ...APP, sessionManager: 'redisson' } },
      "the fleet's strategy is tomcat-cluster",
    ],
    [
      'several of a cluster at once',
      { strategy: 'tomcat-cluster', app: APP, deploy: { maxParallel: 2 } },
      'has to be 1 with a Tomcat cluster',
    ],
    ['stickiness of its own with the strategy sticky', { strategy: 'sticky', stickiness: true }, 'applies to the strategy redis'],
    ['stickiness of its own in a cluster', { strategy: 'tomcat-cluster', stickiness: true }, 'applies to the strategy redis'],
    ['another healthPath', { healthPath: '/', app: APP }, "is not the fleet's healthPath (/)"],
    ['another healthStatus', { healthStatus: '200-399', app: APP }, "is not the fleet's healthStatus (200-399)"],
    ['an error as its status', { app: { ...APP, health: { status: '200-599' } } }, 'must be status codes from 200 to 499'],
    ['a range that ends before its beginning', { app: { ...APP, health: { status: '399-200' } } }, 'has the range 399-200'],
    ['a status that the placeholder does not answer', { healthStatus: '302' }, 'is 302, without 200: a new server answers that'],
    [
      'a readiness check without path',
      { app: { ...APP, health: { ready: { contains: 'x' } } } },
      'must be a path that begins with /, or {',
    ],
    ['the counts at the port', { port: 9005, app: APP }, "is the fleet's port too"],
    ['options in one text', { app: { ...APP, javaOptions: ['-Xmx1g -Xms1g'] } }, 'each option is an element'],
    ['a stop that systemd cuts short', { app: { ...APP, gracefulStopSeconds: 40 } }, 'fleets.web.app.gracefulStopSeconds (40)'],
    ['a misspelt key', { app: { ...APP, library: 'x' } }, 'library'],
  ])('is refused with %s', (_, fleet, message) => {
    expect(refusals(fleet).filter((line) => line.includes(message))).toHaveLength(1);
  });
});
