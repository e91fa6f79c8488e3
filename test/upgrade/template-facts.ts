/** What of an installation's templates an update must keep: identities, values that only a creation can set, and what stacks share. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export interface ResourceFacts {
  readonly type: string;
  /** The values that the template sets for properties that only a creation can set, by path: `Name`, `DnsOptions/PrivateDnsPreference`. */
  readonly createOnly: Readonly<Record<string, unknown>>;
}

export interface StackFacts {
  /** By logical id. */
  readonly resources: Readonly<Record<string, ResourceFacts>>;
  /** Value by name. */
  readonly exports: Readonly<Record<string, unknown>>;
  /** Names of other stacks' exports. */
  readonly imports: readonly string[];
}

/** By the stack's name. */
export type Facts = Readonly<Record<string, StackFacts>>;

/** By resource type: the paths of its properties that only a creation can set. */
export type CreateOnly = Readonly<Record<string, readonly string[]>>;

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

interface StackTemplate {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown; readonly Export?: { readonly Name: string } }>>;
}

/** By the stack's name. */
export type Templates = Readonly<Record<string, StackTemplate>>;

const ENDING = '.template.json';

/** @param assembly folder that a synthesis wrote */
export const readTemplates = (assembly: string): Templates =>
  Object.fromEntries(
    readdirSync(assembly)
      .filter((name) => name.endsWith(ENDING))
      .sort()
      .map((name) => [name.slice(0, -ENDING.length), JSON.parse(readFileSync(path.join(assembly, name), 'utf8')) as StackTemplate]),
  );

/** A version of a function is made anew for each new code, under a new logical id. */
const VERSION_TYPE = 'AWS::Lambda::Version';

/** @throws Error for a type whose properties are not in `createOnly` */
export function factsOf(templates: Templates, createOnly: CreateOnly): Facts {
  return Object.fromEntries(
    Object.entries(templates).map(([stack, template]) => [
      stack,
      {
        resources: Object.fromEntries(
          Object.entries(template.Resources)
            .filter(([, { Type }]) => Type !== VERSION_TYPE)
            .map(([id, resource]) => [id, factsOfResource(resource, createOnly)]),
        ),
        exports: Object.fromEntries(
          Object.values(template.Outputs ?? {}).flatMap(({ Value, Export }) => (Export ? [[Export.Name, Value]] : [])),
        ),
        imports: [...new Set(importsIn(template))].sort(),
      },
    ]),
  );
}

function factsOfResource({ Type, Properties = {} }: Resource, createOnly: CreateOnly): ResourceFacts {
  const paths = Type.startsWith('Custom::') ? [] : createOnly[Type];
  if (paths === undefined) throw new Error(`${Type} is not in create-only.json: add it, from cfn-lint's schema of the type`);
  const set = paths.flatMap((one) => {
    const value = valueAt(Properties, one.split('/'));
    return value === undefined ? [] : [[one, value] as const];
  });
  return { type: Type, createOnly: Object.fromEntries(set) };
}

const valueAt = (value: unknown, [key, ...rest]: readonly string[]): unknown =>
  key === undefined ? value : valueAt((value as Readonly<Record<string, unknown>> | undefined)?.[key], rest);

/** Everything that a value names by an intrinsic function of CloudFormation. */
export function intrinsicsIn(value: unknown, name: string): unknown[] {
  if (Array.isArray(value)) return value.flatMap((one) => intrinsicsIn(one, name));
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, one]) => (key === name ? [one] : intrinsicsIn(one, name)));
}

const importsIn = (template: StackTemplate): string[] => intrinsicsIn(template, 'Fn::ImportValue').map(String);

/** Hashes of the user data of every launch template, by stack and logical id: servers run an earlier one until a refresh. */
export const userDataOf = (templates: Templates): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(templates).flatMap(([stack, { Resources }]) =>
      Object.entries(Resources)
        .filter(([, { Type }]) => Type === 'AWS::EC2::LaunchTemplate')
        .map(([id, { Properties = {} }]) => {
          const userData = valueAt(Properties, ['LaunchTemplateData', 'UserData']);
          return [`${stack} ${id}`, createHash('sha256').update(JSON.stringify(userData)).digest('hex')];
        }),
    ),
  );
