/** What a fleet's `app.session` becomes in the contract of its releases. */
import { describe, expect, it } from 'vitest';
import { contractOf } from '../../../../cli/releases/tomcat/contract-of.ts';
import { tomcatApp as app } from '../../../../infra/config/app-kind.ts';

const SESSION = { cookie: 'SID', page: '/begin' };
const sessionOf = (strategy: 'redis' | 'sticky' | 'tomcat-cluster', more: object = {}) =>
  contractOf({ app: app.parse({ kind: 'tomcat', home: '/tomcat', session: SESSION, ...more }), port: 8080, strategy }, 'JSESSIONID')
    .session;

describe('the contract of a Tomcat', () => {
  it.each([
    ['Redisson', {}],
    ['the application itself', { sessionManager: 'application' }],
  ])('has them as they are where %s keeps sessions in a store', (_who, more) => {
    expect(sessionOf('redis', more)).toEqual(SESSION);
  });

  it.each([
    ['sticky', {}],
    ['sticky', { sessionManager: 'memory' }],
    ['tomcat-cluster', {}],
  ] as const)('has them next to its counts with sessions in the servers’ memory: %s %j', (strategy, more) => {
    expect(sessionOf(strategy, more)).toMatchObject(SESSION);
  });

  it.each(['sticky', 'tomcat-cluster'] as const)('counts the sessions in a server’s memory, by when they began: %s', (strategy) => {
    const parsed = app.parse({ kind: 'tomcat', home: '/tomcat' });
    const { sessions, session } = contractOf({ app: parsed, port: 8080, strategy }, 'JSESSIONID');
    expect(sessions).toEqual({ path: '/status', port: 'STATUS_PORT', field: 'sessions', before: 'before' });
    expect(session).toMatchObject({ cookie: 'JSESSIONID', route: { field: 'route' }, timeoutSeconds: { field: 'timeoutSeconds' } });
  });

  it.each([
    ['redis', {}, { path: '/status', port: 'STATUS_PORT', field: 'unwritten' }],
    ['redis', { sessionManager: 'application' }, undefined],
    ['sticky', {}, undefined],
    ['tomcat-cluster', {}, undefined],
  ] as const)('names the sample of changes that were not written where Redisson keeps sessions: %s %j', (strategy, more, unwritten) => {
    const parsed = app.parse({ kind: 'tomcat', home: '/tomcat', ...more });
    expect(contractOf({ app: parsed, port: 8080, strategy }, 'JSESSIONID').unwritten).toEqual(unwritten);
  });
});
