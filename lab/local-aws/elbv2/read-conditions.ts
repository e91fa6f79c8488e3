/** Conditions of rules: from a request to the form that the matcher uses, within AWS's limits. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { list, text, texts } from '../service/parse-input.ts';
import { AwsError } from '../service/service.ts';
import { parseInput } from './input.ts';
import type { Condition } from './resources.ts';

/** User guide, listener-rules: comparison strings of one condition. */
const MOST_PER_CONDITION = 3;
const MOST_VALUE_CHARACTERS = 128;
const MOST_NAME_CHARACTERS = 40;

const patterns = z.object({ Values: texts.optional(), RegexValues: texts.optional() });
const values = z.object({ Values: texts.optional() });
const conditionInput = z.object({
  Field: text,
  Values: texts.optional(),
  RegexValues: texts.optional(),
  HostHeaderConfig: patterns.optional(),
  PathPatternConfig: patterns.optional(),
  HttpHeaderConfig: patterns.extend({ HttpHeaderName: text }).optional(),
  HttpRequestMethodConfig: values.optional(),
  SourceIpConfig: values.optional(),
  QueryStringConfig: z.object({ Values: list(z.object({ Key: text.optional(), Value: text })).optional() }).optional(),
});
type ConditionInput = z.infer<typeof conditionInput>;

export const conditionList = list(z.unknown());

/** @throws AwsError ValidationError */
export function readConditions(input: readonly unknown[]): Condition[] {
  const conditions = input.map((one) => readCondition(parseInput(conditionInput, one)));
  if (conditions.length === 0) throw new AwsError('ValidationError', 'A condition must be specified');
  for (const field of ['host-header', 'path-pattern', 'http-request-method', 'source-ip'] as const) {
    if (conditions.filter((condition) => condition.field === field).length > 1) {
      throw new AwsError('ValidationError', `A rule can have only one '${field}' condition`);
    }
  }
  return conditions;
}

function readCondition(input: ConditionInput): Condition {
  const condition = shape(input);
  const all = strings(condition);
  if (all.length === 0) throw new AwsError('ValidationError', `A condition on '${input.Field}' needs a value`);
  if (all.length > MOST_PER_CONDITION) {
    throw new AwsError('ValidationError', `A condition takes at most ${MOST_PER_CONDITION} values`);
  }
  const long = all.find((value) => value.length > MOST_VALUE_CHARACTERS);
  if (long !== undefined)
    throw new AwsError('ValidationError', `Condition value '${long}' is longer than ${MOST_VALUE_CHARACTERS} characters`);
  if ('regexValues' in condition) condition.regexValues.forEach(checkRegex);
  return condition;
}

function shape(input: ConditionInput): Condition {
  const { Field, Values: direct = [], RegexValues: directRegex = [] } = input;
  switch (Field) {
    case 'host-header':
    case 'path-pattern': {
      const config = Field === 'host-header' ? input.HostHeaderConfig : input.PathPatternConfig;
      return { field: Field, values: config?.Values ?? direct, regexValues: config?.RegexValues ?? directRegex };
    }
    case 'http-header': {
      const { HttpHeaderName: name = '', Values = [], RegexValues = [] } = input.HttpHeaderConfig ?? {};
      if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) || name.length > MOST_NAME_CHARACTERS) {
        throw new AwsError('ValidationError', `HTTP header name '${name}' is not valid`);
      }
      if (name.toLowerCase() === 'host') throw new AwsError('ValidationError', "Use a host-header condition for the header 'Host'");
      return { field: Field, name, values: Values, regexValues: RegexValues };
    }
    case 'http-request-method': {
      const methods = input.HttpRequestMethodConfig?.Values ?? direct;
      const wrong = methods.find((method) => !/^[A-Z_-]{1,40}$/.test(method));
      if (wrong !== undefined) throw new AwsError('ValidationError', `HTTP request method '${wrong}' is not valid`);
      return { field: Field, values: methods };
    }
    case 'source-ip': {
      const blocks = input.SourceIpConfig?.Values ?? direct;
      const wrong = blocks.find((block) => !isCidr(block));
      if (wrong !== undefined) throw new AwsError('ValidationError', `'${wrong}' is not a valid CIDR block`);
      return { field: Field, values: blocks };
    }
    case 'query-string':
      return { field: Field, values: (input.QueryStringConfig?.Values ?? []).map(({ Key, Value }) => ({ key: Key, value: Value })) };
    default:
      throw new AwsError(
        'ValidationError',
        `Condition field '${Field}' must be one of '[path-pattern, host-header, http-header, http-request-method, source-ip, query-string]'`,
      );
  }
}

function strings(condition: Condition): string[] {
  if (condition.field === 'query-string') return condition.values.map(({ value }) => value);
  return [...condition.values, ...('regexValues' in condition ? condition.regexValues : [])];
}

/**
 * Look-around, back references and classes of Unicode, which JavaScript has and a load balancer does not. Atomic groups, possessive
 * quantifiers, subroutines and recursion are no expressions in JavaScript either.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-rules.html
 */
const NOT_SUPPORTED = /\(\?<?[=!]|\\[1-9]|\\k<|\\[pP]\{/;

function checkRegex(expression: string): void {
  if (NOT_SUPPORTED.test(expression.replaceAll('\\\\', ''))) {
    throw new AwsError(
      'ValidationError',
      `'${expression}' is not a valid regular expression: look-around and back references are not supported`,
    );
  }
  try {
    new RegExp(expression);
  } catch {
    throw new AwsError('ValidationError', `'${expression}' is not a valid regular expression`);
  }
}

function isCidr(block: string): boolean {
  const [address = '', bits, ...rest] = block.split('/');
  const family = isIP(address);
  return family !== 0 && rest.length === 0 && /^\d{1,3}$/.test(bits ?? '') && Number(bits) <= (family === 4 ? 32 : 128);
}
