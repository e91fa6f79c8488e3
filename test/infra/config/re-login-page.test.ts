import { describe, expect, it } from 'vitest';
import { reLoginPageOf } from '../../../infra/config/re-login-page.ts';
import type { FleetConfig } from '../../../infra/config.ts';
import { adopted, BEHIND_A_LISTENER, EXISTING_GROUP, EXISTING_INSTANCES, LISTENER } from '../adopted-configs.ts';
import { parse as parseWhole, refusal as refusalOfWhole } from '../parse-config.ts';

const CREATED = { allowPlainHttp: true };
const withFleet = (web: object) => ({ ...adopted(), fleets: { web } });
const parse = (web: object): FleetConfig => parseWhole(withFleet(web)).fleets['web'] as FleetConfig;
const refusal = (web: object): string => refusalOfWhole(withFleet(web));
const withPage = (web: object, reLoginPage: unknown) => ({ ...web, incidents: { reLoginPage } });
const behind = (priority: number, change: object = {}) => ({
  existing: {
    listenerArn: LISTENER,
    loadBalancerSecurityGroupId: 'sg-0123456789abcdef2',
    listenerRule: { priority, hosts: ['shop.example.com'], ...change },
  },
});

describe('the re-login page of a fleet', () => {
  it.each([
    ['covers all of a created load balancer', CREATED, { hosts: [], paths: ['/*'] }],
    ["covers what Holdfast's own rule takes", BEHIND_A_LISTENER, { hosts: ['shop.example.com'], paths: ['/*'] }],
    [
      'covers what the configuration names',
      withPage(EXISTING_GROUP, { hosts: ['a.example.com'] }),
      { hosts: ['a.example.com'], paths: [] },
    ],
  ])('%s', (_, web, conditions) => {
    expect(reLoginPageOf(parse(web))).toMatchObject({ ...conditions, language: 'en' });
  });

  it.each([
    ['for an existing target group of which the configuration names no part', EXISTING_GROUP],
    ['when it is turned off', withPage(CREATED, false)],
  ])('does not exist %s', (_, web) => {
    expect(reLoginPageOf(parse(web))).toBeUndefined();
  });

  it.each([
    ['without hosts and paths of an existing target group', withPage(EXISTING_GROUP, {}), /reLoginPage.* needs hosts or paths/],
    [
      'with more values than a rule takes',
      withPage(CREATED, { hosts: ['a', 'b', 'c'], paths: ['/1', '/2', '/3'] }),
      /has 6 hosts and paths together/,
    ],
    ['with more wildcards than a rule takes', withPage(CREATED, { hosts: ['*.*.*.a'], paths: ['/*/*/*'] }), /has 6 wildcards/],
    [
      'for every host of a listener that serves others too',
      withPage(behind(10), { hosts: [], paths: ['/*'] }),
      /cover every host of the listener/,
    ],
    ['with its band the wrong way round', withPage(CREATED, { priorities: { first: 9, last: 3 } }), /9 is above priorities\.last, 3/],
    [
      'with a band behind the rule that forwards',
      withPage(behind(10), { priorities: { first: 10, last: 20 } }),
      /10 does not come before existing\.listenerRule\.priority, 10/,
    ],
    [
      'behind the first rule there can be',
      withPage(behind(1), {}),
      /no priority comes before existing\.listenerRule\.priority, which is 1/,
    ],
    [
      'that is too long',
      withPage(CREATED, { message: '안'.repeat(300) }),
      /would have \d+ bytes as HTML, and a fixed response has at most 1024/,
    ],
  ])('is refused %s', (_, web, message) => {
    expect(refusal(web)).toMatch(message);
  });
});

describe('critical actions', () => {
  it.each([
    [
      'with awsAccess off',
      { ...CREATED, awsAccess: false, incidents: { criticalActions: true } },
      /awsAccess.* must not be false with incidents\.criticalActions/,
    ],
    [
      'on servers whose role is unknown',
      { ...EXISTING_INSTANCES, incidents: { criticalActions: true } },
      /instanceRoleName.* is required with incidents\.criticalActions/,
    ],
  ])('are refused %s', (_, web, message) => {
    expect(refusal(web)).toMatch(message);
  });
});
