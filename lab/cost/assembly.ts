/** Reads what `cdk synth` wrote, a manifest and one template per stack, without the CDK's library. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';

export type Properties = Readonly<Record<string, unknown>>;

export interface Stack {
  readonly name: string;
  readonly resources: Readonly<Record<string, { readonly Type: string; readonly Properties?: Properties }>>;
}

export interface Assembly {
  readonly installation: string;
  readonly region: string;
  readonly stacks: readonly Stack[];
}

/** Tag that the app puts on every stack. */
const TAG = 'holdfast:installation';

/** @throws Error for a folder that is not an assembly of Holdfast */
export async function readAssembly(folder: string): Promise<Assembly> {
  const artifacts = Object.entries((at(await readJson(folder, 'manifest.json'), 'artifacts') ?? {}) as Properties).filter(
    ([, one]) => at(one, 'type') === 'aws:cloudformation:stack' && at(one, 'properties', 'tags', TAG) !== undefined,
  );
  const first = artifacts[0]?.[1];
  if (first === undefined) throw unreadable(folder, `its manifest has no stack with the tag ${TAG}`);
  const stacks = artifacts.map(async ([id, artifact]): Promise<Stack> => {
    const file = at(artifact, 'properties', 'templateFile');
    // The CDK writes templates next to the manifest; any other path is not the CDK's.
    if (typeof file !== 'string' || path.basename(file) !== file) throw unreadable(folder, `stack ${id} has no template`);
    const resources = (at(await readJson(folder, file), 'Resources') ?? {}) as Stack['resources'];
    return { name: String(at(artifact, 'properties', 'stackName') ?? id), resources };
  });
  const region = String(at(first, 'environment')).split('/').at(-1) ?? '';
  return { installation: String(at(first, 'properties', 'tags', TAG)), region, stacks: await Promise.all(stacks) };
}

async function readJson(folder: string, name: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path.join(folder, name), 'utf8'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw unreadable(folder, code === undefined ? `${name} is not valid JSON` : `${name} cannot be read (${code})`);
  }
}

const unreadable = (folder: string, problem: string): Error => new Error(`${folder} is not an assembly of Holdfast: ${problem}`);

export type Resource = ReturnType<typeof findResources>[number];

/** Every resource, or those of `type` (`Lambda::Function`), in the order of the templates. */
export const findResources = (stacks: readonly Stack[], type?: string) =>
  stacks.flatMap((stack) =>
    Object.entries(stack.resources)
      .filter(([, { Type }]) => type === undefined || Type === `AWS::${type}`)
      .map(([logicalId, { Type, Properties = {} }]) => ({ stack, logicalId, type: Type, properties: Properties })),
  );

/** The properties of every resource of `type`. */
export const propertiesOf = (stacks: readonly Stack[], type: string): Properties[] =>
  findResources(stacks, type).map(({ properties }) => properties);

/** The value at a path of property names and indexes; undefined where the path ends early. */
export const at = (value: unknown, ...keys: readonly (string | number)[]): unknown =>
  keys.reduce<unknown>((node, key) => (typeof node === 'object' && node !== null ? (node as Properties)[key] : undefined), value);

export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Environments of the functions. */
export const variablesIn = (stacks: readonly Stack[]): unknown[] =>
  propertiesOf(stacks, 'Lambda::Function').map((one) => at(one, 'Environment', 'Variables'));

/** CloudFormation writes numbers as numbers or as strings. */
export const numberOf = (value: unknown, otherwise = 0): number => (Number.isNaN(Number(value ?? Number.NaN)) ? otherwise : Number(value));

/** A string with each reference in it written as `<LogicalId>` or `<LogicalId.Attribute>`. */
export function render(value: unknown): string {
  if (typeof value !== 'object') return String(value);
  const [separator, parts] = list(at(value, 'Fn::Join'));
  if (parts !== undefined) return list(parts).map(render).join(String(separator));
  return `<${at(value, 'Ref') ?? (list(at(value, 'Fn::GetAtt')).join('.') || '…')}>`;
}
