/**
 * Which rule a request matches. Pure; rules are compiled once per change, so that a request costs a few comparisons.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
 */
import { BlockList, isIPv6 } from 'node:net';
import type { Condition, Rule } from '../resources.ts';

/** The parts of a request that conditions can match. */
export interface RequestFacts {
  readonly method: string;
  /** The Host header. */
  readonly host: string;
  readonly path: string;
  /** The query string without the question mark. */
  readonly query: string;
  /** Values by the header's lower-case name; a header that comes several times has several values, cookies too. */
  readonly headers: Readonly<Record<string, readonly string[] | undefined>>;
  readonly sourceIp: string;
}

type Matcher = (facts: RequestFacts) => boolean;

/** What AWS does not document of regular expressions in conditions. An expression has to mean the same in each way. */
export interface RegexReading {
  /** It has to match the whole value, instead of being found in it. @default false */
  readonly whole?: boolean;
  /** Whether upper and lower case differ in headers and host names; in paths they always do. @default false */
  readonly caseSensitive?: boolean;
}

/** Returns a function that finds the first rule, in the given order, whose conditions all match. */
export function compileRules(rules: readonly Rule[], reading: RegexReading = {}): (facts: RequestFacts) => Rule | undefined {
  const compiled = rules.map((rule) => ({ rule, conditions: rule.conditions.map((condition) => compileCondition(condition, reading)) }));
  return (facts) => compiled.find(({ conditions }) => conditions.every((holds) => holds(facts)))?.rule;
}

export function compileCondition(condition: Condition, reading: RegexReading = {}): Matcher {
  switch (condition.field) {
    case 'host-header': {
      const test = anyOf(condition, 'i', reading);
      return (facts) => test(facts.host.replace(/:\d+$/, ''));
    }
    case 'path-pattern': {
      const test = anyOf(condition, '', reading);
      return (facts) => test(facts.path);
    }
    case 'http-header': {
      const test = anyOf(condition, 'i', reading);
      const name = condition.name.toLowerCase();
      return ({ headers }) => headers[name]?.some(test) === true;
    }
    case 'http-request-method':
      return (facts) => condition.values.includes(facts.method);
    case 'source-ip':
      return withinBlocks(condition.values);
    case 'query-string':
      return hasParameter(condition.values);
  }
}

/** `*` is any number of characters, `?` exactly one; a backslash takes either literally. */
export function wildcard(pattern: string, flags: string): RegExp {
  const source = pattern.replace(/\\([*?\\])|[\s\S]/g, (token, escaped: string | undefined) => {
    if (escaped !== undefined) return escapeRegExp(escaped);
    if (token === '*') return '[\\s\\S]*';
    return token === '?' ? '[\\s\\S]' : escapeRegExp(token);
  });
  return new RegExp(`^${source}$`, flags);
}

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

function anyOf(
  { values, regexValues }: { readonly values: readonly string[]; readonly regexValues: readonly string[] },
  flags: string,
  { whole = false, caseSensitive = false }: RegexReading,
): (text: string) => boolean {
  const regexFlags = caseSensitive ? '' : flags;
  const tests = [
    ...values.map((value) => wildcard(value, flags)),
    ...regexValues.map((value) => new RegExp(whole ? `^(?:${value})$` : value, regexFlags)),
  ];
  return (text) => tests.some((test) => test.test(text));
}

function withinBlocks(cidrs: readonly string[]): Matcher {
  const blocks = new BlockList();
  for (const cidr of cidrs) {
    const [address = '', bits] = cidr.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    blocks.addSubnet(address, Number(bits ?? (family === 'ipv6' ? 128 : 32)), family);
  }
  return ({ sourceIp }) => blocks.check(sourceIp, isIPv6(sourceIp) ? 'ipv6' : 'ipv4');
}

function hasParameter(wanted: readonly { readonly key?: string; readonly value: string }[]): Matcher {
  const tests = wanted.map(({ key, value }) => ({
    key: key === undefined ? undefined : wildcard(key, 'i'),
    value: wildcard(value, 'i'),
  }));
  return ({ query }) => {
    const parameters = query.split('&').map((part) => {
      const split = part.indexOf('=');
      return split < 0 ? ([part, ''] as const) : ([part.slice(0, split), part.slice(split + 1)] as const);
    });
    return tests.some((test) => parameters.some(([key, value]) => test.key?.test(key) !== false && test.value.test(value)));
  };
}
