import { describe, expect, it } from 'vitest';
import { compileCondition, compileRules, type RequestFacts, wildcard } from '../../../elbv2/data-plane/route-request.ts';
import type { Condition, Rule } from '../../../elbv2/resources.ts';

const request: RequestFacts = {
  method: 'GET',
  host: 'Shop.Example.com:8443',
  path: '/img/cart.png',
  query: 'version=V1&flag&text=a*b',
  headers: { cookie: ['a=b; JSESSIONID=F00.server1; c=d'], 'user-agent': ['Mozilla/5.0 Chrome'], 'x-many': ['one', 'two'] },
  sourceIp: '127.0.0.1',
};
const on = (field: 'host-header' | 'path-pattern', values: string[], regexValues: string[] = []): Condition => ({
  field,
  values,
  regexValues,
});
const header = (name: string, values: string[], regexValues: string[] = []): Condition => ({
  field: 'http-header',
  name,
  values,
  regexValues,
});
const query = (value: string, key?: string): Condition => ({ field: 'query-string', values: [{ key, value }] });
const SESSION_OF_SERVER_1 = String.raw`(^|; ?)JSESSIONID=[^;]*\.server1(;|$)`;

// ELB user guide, rule-condition-types.
describe('a rule condition', () => {
  const cases: [string, Condition, boolean][] = [
    ['host-header ignores case and port', on('host-header', ['shop.example.COM']), true],
    ['host-header takes wildcards', on('host-header', ['*.example.com']), true],
    ['host-header wants the whole name', on('host-header', ['example.com']), false],
    ['host-header takes regular expressions', on('host-header', [], ['^shop\\.']), true],
    ['path-pattern matches a prefix', on('path-pattern', ['/img/*']), true],
    ['path-pattern keeps case', on('path-pattern', ['/IMG/*']), false],
    ['path-pattern: ? is exactly one character', on('path-pattern', ['/img/cart.pn?']), true],
    ['path-pattern: ? is not none', on('path-pattern', ['/img/cart.png?']), false],
    ['path-pattern: any of the values will do', on('path-pattern', ['/api/*', '/img/*']), true],
    ['path-pattern does not see the query', on('path-pattern', ['*version*']), false],
    ['path-pattern takes a dot literally', on('path-pattern', ['/img/cartXpng']), false],
    ['http-header ignores the case of name and value', header('User-Agent', ['*CHROME*']), true],
    ['http-header fails when the header is missing', header('X-None', ['*']), false],
    ['http-header looks at every value of a repeated header', header('X-Many', ['two']), true],
    ['http-header reads the application cookie as a whole token', header('Cookie', [], [SESSION_OF_SERVER_1]), true],
    ['http-request-method wants the exact method', { field: 'http-request-method', values: ['POST', 'GET'] }, true],
    ['http-request-method keeps case', { field: 'http-request-method', values: ['get'] }, false],
    ['source-ip is within the block', { field: 'source-ip', values: ['10.0.0.0/8', '127.0.0.0/8'] }, true],
    ['source-ip is outside the block', { field: 'source-ip', values: ['10.0.0.0/8'] }, false],
    ['query-string ignores case', query('v1', 'VERSION'), true],
    ['query-string looks at every key when none is given', query('v1'), true],
    ['query-string knows a key without a value', query('', 'flag'), true],
    ['query-string takes an escaped asterisk literally', query('a\\*b', 'text'), true],
    ['query-string compares whole values', query('v', 'version'), false],
  ];
  it.each(cases)('%s', (_, condition, expected) => {
    expect(compileCondition(condition)(request)).toBe(expected);
  });
});

// ELB user guide, rule-condition-types: HTTP header conditions.
it.each([
  ['JSESSIONID=F00.server1', true],
  ['a=b;JSESSIONID=F00.server1', true],
  ['JSESSIONID=F00.server10', false],
  ['JSESSIONID=F00.server2; x=.server1', false],
  ['MYJSESSIONID=F00.server1', false],
])('the expression for one server’s sessions takes %s for its own: %s', (cookie, expected) => {
  const matches = compileCondition(header('Cookie', [], [SESSION_OF_SERVER_1]));
  expect(matches({ ...request, headers: { cookie: [cookie] } })).toBe(expected);
});

it('the wildcard form also takes the sessions of servers 10 to 19', () => {
  expect(wildcard('*JSESSIONID=*.server1*', 'i').test('JSESSIONID=F00.server12')).toBe(true);
});

describe('the rules of a listener', () => {
  const rule = (arn: string, ...conditions: Condition[]): Rule => ({
    arn,
    listenerArn: '',
    priority: 1,
    conditions,
    actions: [],
    tags: new Map(),
  });
  const find = compileRules([
    rule('both', on('path-pattern', ['/img/*']), { field: 'http-request-method', values: ['POST'] }),
    rule('first', on('path-pattern', ['/img/*'])),
    rule('second', on('path-pattern', ['/*'])),
    rule('default'),
  ]);
  it.each([
    ['every condition must hold', { method: 'POST' }, 'both'],
    ['the first that matches is taken', {}, 'first'],
    ['the default takes what is left', { path: '*' }, 'default'],
  ])('%s', (_, change, expected) => {
    expect(find({ ...request, ...change })?.arn).toBe(expected);
  });
});
