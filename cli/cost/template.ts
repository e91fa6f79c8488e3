/** Reads CloudFormation templates as the CDK writes them, without its library. */

export interface Stack {
  readonly name: string;
  readonly resources: Readonly<Record<string, { readonly Type: string; readonly Properties?: Properties }>>;
}

export type Properties = Readonly<Record<string, unknown>>;

/** The result of one synthesis. */
export interface Assembly {
  readonly installation: string;
  readonly region: string;
  readonly stacks: readonly Stack[];
}

export interface FoundResource {
  readonly stack: Stack;
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Properties;
}

/** Every resource, or those of `type`, in the order of the templates. */
export function findResources(stacks: readonly Stack[], type?: string): FoundResource[] {
  return stacks.flatMap((stack) =>
    Object.entries(stack.resources)
      .filter(([, resource]) => type === undefined || resource.Type === type)
      .map(([logicalId, { Type, Properties = {} }]) => ({ stack, logicalId, type: Type, properties: Properties })),
  );
}

/** The value at a path of property names and indexes; undefined where the path ends early. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (node, key) => (typeof node === 'object' && node !== null ? (node as Record<string | number, unknown>)[key] : undefined),
    value,
  );
}

export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** A string with each reference in it written as `<LogicalId>` or `<LogicalId.Attribute>`. */
export function render(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  const join = at(value, 'Fn::Join', 1);
  if (join !== undefined) {
    const separator = String(at(value, 'Fn::Join', 0));
    return list(join).map(render).join(separator);
  }
  return reference(value);
}

function reference(value: unknown): string {
  const ref = at(value, 'Ref');
  if (ref !== undefined) return `<${String(ref)}>`;
  const attribute = at(value, 'Fn::GetAtt');
  return attribute === undefined ? '<…>' : `<${list(attribute).join('.')}>`;
}

/** The logical id of a `Ref` or `Fn::GetAtt`. */
export const referred = (value: unknown): string => render(value).slice(1, -1).split('.')[0] ?? '';
