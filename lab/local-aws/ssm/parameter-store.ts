/** Parameter Store: what the CDK's bootstrap and simple stacks use of it. */
import { z } from 'zod';
import type { Now } from '../interfaces.ts';
import { page } from '../service/parse-input.ts';
import { AwsError, type Operation } from '../service/service.ts';
import { parseInput, timestamp } from './input.ts';

export type ParameterType = 'String' | 'StringList' | 'SecureString';

/** Of a parameter of the standard tier, the only one here. */
const LONGEST_VALUE = 4096;

interface StoredParameter {
  readonly name: string;
  readonly type: ParameterType;
  readonly value: string;
  readonly version: number;
  readonly modifiedAtMs: number;
}

const putInput = z.object({
  Name: z.string().min(1).max(2048),
  Value: z.string(),
  Type: z.enum(['String', 'StringList', 'SecureString']).optional(),
  Overwrite: z.boolean().default(false),
  AllowedPattern: z.string().optional(),
});
const byPathInput = z.object({
  Path: z.string().startsWith('/'),
  Recursive: z.boolean().default(false),
  WithDecryption: z.boolean().default(false),
  MaxResults: z.number().int().min(1).max(10).default(10),
  NextToken: z.string().optional(),
});

const describeInput = z.object({
  ParameterFilters: z
    .array(z.object({ Key: z.literal('Name'), Option: z.literal('Equals').optional(), Values: z.array(z.string()).min(1).max(50) }))
    .default([]),
  MaxResults: z.number().int().min(1).max(50).default(50),
  NextToken: z.string().optional(),
});

export class ParameterStore {
  readonly #parameters = new Map<string, StoredParameter[]>();
  readonly #now: Now;

  constructor(now: Now) {
    this.#now = now;
  }

  /** Creates or overwrites; the new version. @throws AwsError ParameterAlreadyExists, ParameterPatternMismatchException, ValidationException */
  put(request: { name: string; value: string; type?: ParameterType; overwrite: boolean; allowedPattern?: string }): number {
    const { name, value, overwrite, allowedPattern } = request;
    if (!/^[a-zA-Z0-9_.\-/]+$/.test(name) || /^\/?(aws|ssm)/i.test(name))
      throw new AwsError('ValidationException', `Parameter name ${name} is not valid.`);
    const versions = this.#parameters.get(name) ?? [];
    const last = versions.at(-1);
    if (last !== undefined && !overwrite)
      throw new AwsError(
        'ParameterAlreadyExists',
        'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
      );
    const type = request.type ?? last?.type;
    if (type === undefined) throw new AwsError('ValidationException', 'A parameter type is required when you create a parameter.');
    if (value === '') throw new AwsError('ValidationException', 'The value must have at least one byte.');
    if (value.length > LONGEST_VALUE)
      throw new AwsError(
        'ValidationException',
        `Standard tier parameters support a maximum parameter value of ${LONGEST_VALUE} characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier.`,
      );
    // @see https://docs.aws.amazon.com/systems-manager/latest/userguide/what-is-a-parameter.html
    if (value.includes('{{') && value.includes('}}'))
      throw new AwsError('ValidationException', 'Parameter value can\'t nest another parameter. Do not use "{{}}" in the value.');
    if (allowedPattern !== undefined && !new RegExp(allowedPattern).test(value)) {
      throw new AwsError(
        'ParameterPatternMismatchException',
        `Parameter value, cannot be validated against allowedPattern: ${allowedPattern}`,
      );
    }
    const version = (last?.version ?? 0) + 1;
    this.#parameters.set(name, [...versions.slice(-99), { name, type, value, version, modifiedAtMs: this.#now() }]);
    return version;
  }

  /** Finds a parameter by `name`, `name:version` or ARN. @throws AwsError ParameterNotFound, ParameterVersionNotFound */
  get(reference: string): StoredParameter {
    const path = reference.startsWith('arn:') ? reference.slice(reference.indexOf(':parameter') + ':parameter'.length) : reference;
    const [name = '', version] = path.split(':');
    const versions = this.#parameters.get(name) ?? this.#parameters.get(name.replace(/^\//, ''));
    if (versions === undefined) throw new AwsError('ParameterNotFound', `Parameter ${reference} not found.`);
    const found = version === undefined ? versions.at(-1) : versions.find((each) => String(each.version) === version);
    if (found === undefined)
      throw new AwsError('ParameterVersionNotFound', `Systems Manager could not find version ${version} of ${name}.`);
    return found;
  }

  delete(name: string): boolean {
    return this.#parameters.delete(name);
  }

  below(path: string, recursive: boolean): StoredParameter[] {
    const prefix = path.endsWith('/') ? path : `${path}/`;
    return [...this.#parameters.values()]
      .flatMap((versions) => versions.slice(-1))
      .filter(({ name }) => name.startsWith(prefix) && (recursive || !name.slice(prefix.length).includes('/')))
      .sort((left, right) => (left.name < right.name ? -1 : 1));
  }
}

export function parameterOperations(store: ParameterStore): Record<string, Operation> {
  const describe = (
    stored: StoredParameter,
    decrypted: boolean,
    context: { region: string; accountId: string },
  ): Record<string, unknown> => ({
    Name: stored.name,
    Type: stored.type,
    // This is no encryption: it only shows, as AWS does, that the value was read without decryption.
    Value: stored.type === 'SecureString' && !decrypted ? `encrypted:${stored.name}:${stored.version}` : stored.value,
    Version: stored.version,
    LastModifiedDate: timestamp(stored.modifiedAtMs),
    ARN: `arn:aws:ssm:${context.region}:${context.accountId}:parameter${stored.name.startsWith('/') ? '' : '/'}${stored.name}`,
    DataType: 'text',
  });
  const names = z.object({ Names: z.array(z.string()).min(1).max(10), WithDecryption: z.boolean().default(false) });

  return {
    PutParameter(input) {
      const { Name, Value, Type, Overwrite, AllowedPattern } = parseInput(putInput, input);
      return {
        Version: store.put({ name: Name, value: Value, type: Type, overwrite: Overwrite, allowedPattern: AllowedPattern }),
        Tier: 'Standard',
      };
    },
    GetParameter(input, context) {
      const { Name, WithDecryption } = parseInput(z.object({ Name: z.string(), WithDecryption: z.boolean().default(false) }), input);
      return { Parameter: describe(store.get(Name), WithDecryption, context) };
    },
    GetParameters(input, context) {
      const { Names, WithDecryption } = parseInput(names, input);
      const found: Record<string, unknown>[] = [];
      const invalid: string[] = [];
      for (const name of Names) {
        try {
          found.push(describe(store.get(name), WithDecryption, context));
        } catch {
          invalid.push(name);
        }
      }
      return { Parameters: found, InvalidParameters: invalid };
    },
    DescribeParameters(input) {
      const { ParameterFilters, MaxResults, NextToken } = parseInput(describeInput, input);
      const all = store.below('/', true).filter(({ name }) => ParameterFilters.every(({ Values }) => Values.includes(name)));
      const { items, nextToken } = page(all, NextToken, MaxResults);
      const shown = items.map(({ name: Name, type: Type, version: Version, modifiedAtMs }) => ({
        ...{ Name, Type, Version, Tier: 'Standard', DataType: 'text', LastModifiedDate: timestamp(modifiedAtMs) },
      }));
      return { Parameters: shown, ...nextToken };
    },
    GetParametersByPath(input, context) {
      const { Path, Recursive, WithDecryption, MaxResults, NextToken } = parseInput(byPathInput, input);
      const { items, nextToken } = page(store.below(Path, Recursive), NextToken, MaxResults);
      return { Parameters: items.map((each) => describe(each, WithDecryption, context)), ...nextToken };
    },
    DeleteParameter(input) {
      const { Name } = parseInput(z.object({ Name: z.string() }), input);
      if (!store.delete(Name)) throw new AwsError('ParameterNotFound', `Parameter ${Name} not found.`);
      return {};
    },
    DeleteParameters(input) {
      const { Names } = parseInput(names, input);
      const deleted = Names.filter((name) => store.delete(name));
      return { DeletedParameters: deleted, InvalidParameters: Names.filter((name) => !deleted.includes(name)) };
    },
  };
}
