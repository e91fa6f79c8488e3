/** Values for a document's parameters: checked as SendCommand does, and put where the steps use them. */
import { AwsError } from '../service/service.ts';
import type { CommandDocument, ParameterDefinition } from './document-content.ts';

/** Parameters as the API has them: every value is a list of strings. */
export type GivenParameters = Readonly<Record<string, readonly string[]>>;

export type ParameterValue = string | readonly string[];

function refuse(message: string): never {
  throw new AwsError('InvalidParameters', message);
}

function checkValue(name: string, definition: ParameterDefinition, value: string): void {
  if (definition.allowedPattern !== undefined && !new RegExp(definition.allowedPattern).test(value)) {
    refuse(`Parameter ${name} does not match the allowed pattern ${definition.allowedPattern}.`);
  }
  if (definition.allowedValues !== undefined && !definition.allowedValues.map(String).includes(value)) {
    refuse(`Parameter ${name} is not one of the allowed values.`);
  }
  if (value.length < (definition.minChars ?? 0) || value.length > (definition.maxChars ?? Number.POSITIVE_INFINITY)) {
    refuse(`Parameter ${name} has ${value.length} characters.`);
  }
  if (definition.type === 'Integer' && !/^-?[0-9]+$/.test(value)) refuse(`Parameter ${name} is not an integer.`);
  if (definition.type === 'Boolean' && value !== 'true' && value !== 'false') refuse(`Parameter ${name} is not a boolean.`);
}

function defaultOf(definition: ParameterDefinition): readonly string[] {
  const value = definition.default;
  if (Array.isArray(value)) return value.map(String);
  return [typeof value === 'string' ? value : JSON.stringify(value)];
}

/**
 * Every parameter of the document with its value, defaults filled in.
 *
 * @throws AwsError InvalidParameters for an unknown, missing or refused one
 */
export function checkParameters(document: CommandDocument, given: GivenParameters): Record<string, ParameterValue> {
  for (const name of Object.keys(given)) {
    if (document.parameters[name] === undefined) refuse(`Parameter ${name} is not defined in the document.`);
  }
  const values: Record<string, ParameterValue> = {};
  for (const [name, definition] of Object.entries(document.parameters)) {
    const list = given[name] ?? (definition.default === undefined ? undefined : defaultOf(definition));
    if (list === undefined || (definition.type !== 'StringList' && list.length === 0)) refuse(`Parameter ${name} is required.`);
    if (definition.type === 'StringList') {
      if (list.length < (definition.minItems ?? 0) || list.length > (definition.maxItems ?? Number.POSITIVE_INFINITY)) {
        refuse(`Parameter ${name} has ${list.length} items.`);
      }
    } else if (list.length > 1) refuse(`Parameter ${name} takes one value.`);
    for (const value of list) checkValue(name, definition, value);
    values[name] = definition.type === 'StringList' ? list : (list[0] ?? '');
  }
  return values;
}

const asText = (value: ParameterValue): string => (typeof value === 'string' ? value : JSON.stringify(value));

/**
 * Replaces `{{ name }}` by values, in strings at any depth. A string that is only one placeholder becomes
 * the value itself, so that a StringList stays a list. The values themselves are not substituted again.
 */
export function substitute(input: unknown, values: Readonly<Record<string, ParameterValue>>): unknown {
  if (typeof input === 'string') {
    const alone = /^\{\{\s*([a-zA-Z0-9]+)\s*\}\}$/.exec(input)?.[1];
    if (alone !== undefined && values[alone] !== undefined) return values[alone];
    return input.replace(/\{\{\s*([a-zA-Z0-9]+)\s*\}\}/g, (whole, name: string) =>
      values[name] === undefined ? whole : asText(values[name]),
    );
  }
  if (Array.isArray(input)) return input.map((each) => substitute(each, values));
  if (typeof input === 'object' && input !== null) {
    return Object.fromEntries(Object.entries(input).map(([key, value]) => [key, substitute(value, values)]));
  }
  return input;
}

/** Agents before this one do not know interpolationType: their scripts get no variable. */
export const FIRST_AGENT_WITH_ENV_VAR = '3.3.2746.0';

export function isAtLeast(version: string, minimum: string): boolean {
  const parts = version.split('.').map(Number);
  for (const [index, wanted] of minimum.split('.').map(Number).entries()) {
    const part = parts[index] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return true;
}

/** `SSM_<name>` for every parameter that requests it, when the agent is new enough. */
export function parameterEnvironment(
  document: CommandDocument,
  values: Readonly<Record<string, ParameterValue>>,
  agentVersion: string,
): Record<string, string> {
  if (!isAtLeast(agentVersion, FIRST_AGENT_WITH_ENV_VAR)) return {};
  return Object.fromEntries(
    Object.entries(document.parameters)
      .filter(([, definition]) => definition.interpolationType === 'ENV_VAR')
      .map(([name]) => [`SSM_${name}`, asText(values[name] ?? '')]),
  );
}
