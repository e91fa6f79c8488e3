/** A fleet whose releases are CodeDeploy bundles: what follows from its `app`, and what is refused. */
import { describe, expect, it } from 'vitest';
import { checkConfiguration } from '../../../infra/checks.ts';
import { hasAwsAccess } from '../../../infra/config/fleet.ts';
import { sessionGroups } from '../../../infra/config/session-groups.ts';
import { type HoldfastConfig, holdfastConfig, parseConfig } from '../../../infra/config.ts';
import { recordedConfig } from '../../../infra/constructs/deployed-installation.ts';
import { adopted } from '../adopted-configs.ts';

const APP = { kind: 'bundle', readinessPath: '/health' };
const SESSION = { session: { cookie: 'JSESSIONID' }, sessions: { path: '/status', field: 'sessions' } };

const configOf = (fleet: object): HoldfastConfig => holdfastConfig.parse({ fleets: { web: { allowPlainHttp: true, ...fleet } } });
const fleetOf = (fleet: object) => configOf(fleet).fleets['web'] as HoldfastConfig['fleets'][string];
const refusals = (fleet: object): string[] => {
  try {
    parseConfig(JSON.stringify({ fleets: { web: { allowPlainHttp: true, ...fleet } } }), 'FILE');
    return [];
  } catch (error) {
    return (error as Error).message.split('\n').slice(1);
  }
};

describe('a fleet of bundles', () => {
  it('has the health check of its readiness path, and no packages but its own', () => {
    expect(fleetOf({ app: APP })).toMatchObject({ runtimePackages: [], healthPath: '/health', healthStatus: '200', port: 8080 });
    expect(fleetOf({ app: APP, runtimePackages: ['tomcat10'], port: 9000 })).toMatchObject({ runtimePackages: ['tomcat10'], port: 9000 });
    expect(sessionGroups(configOf({ app: APP }))[0]?.channels).toEqual([]);
  });

  it.each<[string, object, object]>([
    [
      'its own health path, status and port',
      { healthPath: '/live', healthStatus: '200,302', port: 80 },
      { healthPath: '/live', healthStatus: '200,302', port: 80 },
    ],
    ['the status of its readiness path', { readinessPath: { path: '/login', status: 200 } }, { healthPath: '/login', healthStatus: '200' }],
    [
      '200 at another path than its readiness path',
      { readinessPath: { path: '/login', status: 201 }, healthPath: '/' },
      { healthPath: '/', healthStatus: '200' },
    ],
  ])('is checked with %s', (_, app, expected) => {
    expect(fleetOf({ app: { ...APP, ...app } })).toMatchObject(expected);
  });

  it('has the status of its readiness check at the same path, as the rules see it', () => {
    expect(refusals({ app: { ...APP, readinessPath: { path: '/login', status: 302 } } })).toEqual([
      expect.stringContaining('is 302, without 200'),
    ]);
  });

  it('can use the credentials of its servers’ role, which Holdfast cannot keep its scripts from', () => {
    expect(hasAwsAccess(fleetOf({ app: APP }))).toBe(true);
    expect(hasAwsAccess(fleetOf({}))).toBe(false);
  });

  it.each<[string, object]>([
    ['sessions in the store', { app: APP }],
    ['sessions in memory that deploys can read', { strategy: 'sticky', app: { ...APP, ...SESSION } }],
    ['sessions in memory that deploys end', { strategy: 'sticky', app: APP, deploy: { sessionDrainSeconds: 0 } }],
    ['logs', { app: { ...APP, logs: { access: { path: '/var/log/nginx/access.log', pattern: '$status' } } } }],
  ])('is valid with %s, also as its deployment records it', (_, fleet) => {
    expect(refusals(fleet)).toEqual([]);
    const config = parseConfig(JSON.stringify({ fleets: { web: { allowPlainHttp: true, ...fleet } } }), 'FILE');
    expect(() => parseConfig(JSON.stringify(recordedConfig(config)), 'FILE')).not.toThrow();
  });

  it.each<[string, object, string]>([
    ['no readiness path', { app: { kind: 'bundle' } }, 'app.readinessPath'],
    ['a home of Tomcat', { app: { ...APP, home: '/opt/tomcat' } }, 'home'],
    ['another port than its app', { port: 8080, app: { ...APP, port: 80 } }, 'is not the one of app (80)'],
    ['another health path than its app', { healthPath: '/live', app: APP }, 'is not the one of app (/health)'],
    ['another health status than its app', { healthStatus: '200,302', app: APP }, 'is not the one of app (200)'],
    ['a status that the placeholder does not answer', { app: { ...APP, healthStatus: '302' } }, 'is 302, without 200'],
    ['variables', { app: APP, environment: { A: 'b' } }, 'it is for the service that Holdfast runs'],
    [
      'critical actions',
      { app: APP, incidents: { criticalActions: true } },
      'criticalActions (true): does not apply to a fleet of bundles',
    ],
    ['closed credentials', { app: APP, awsAccess: false }, 'cannot be false in a fleet of bundles'],
    ['a Tomcat cluster', { app: APP, strategy: 'tomcat-cluster' }, 'needs app of kind tomcat'],
    [
      'unreadable sessions in memory',
      { app: APP, strategy: 'sticky' },
      'without app.session.cookie and app.sessions a deploy can read neither',
    ],
    [
      'sessions in memory of an unknown cookie',
      { app: { ...APP, sessions: SESSION.sessions }, strategy: 'sticky' },
      'without app.session.cookie a deploy',
    ],
    ['a session without its cookie', { app: { ...APP, session: {} } }, 'app.session.cookie'],
    ['a misspelt key of its sessions', { app: { ...APP, sessions: { path: '/s', feild: 'n' } } }, 'app.sessions'],
  ])('is refused with %s', (_, fleet, message) => {
    expect(refusals(fleet).filter((line) => line.includes(message))).toHaveLength(1);
  });

  it('is refused with a service that it would replace', () => {
    const config = adopted() as { fleets: Record<string, { existing: object }> };
    const [name = '', fleet] = Object.entries(config.fleets)[0] ?? [];
    const existing = { ...fleet?.existing, replacesService: 'tomcat.service' };
    const parse = (app: object) => () =>
      parseConfig(JSON.stringify({ ...config, fleets: { [name]: { ...fleet, existing, ...app } } }), 'FILE');
    expect(parse({})).not.toThrow();
    expect(parse({ app: APP })).toThrow('replacesService ("tomcat.service"): does not apply to a fleet of bundles');
  });

  it('makes synthesis print whose right publishing is, and no other fleet does', () => {
    const texts = (fleet: object) => checkConfiguration(configOf(fleet)).map(({ sentence }) => sentence);
    const right = 'Publishing to fleet web is the right to be root on its servers.';
    expect(texts({ app: APP })).toContain(right);
    expect(texts({})).not.toContain(right);
  });
});
