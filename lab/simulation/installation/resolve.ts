/** Resolves the intrinsic functions of synthesized templates to stable names and ARNs, without an account. */
import { attributeOf, type NamedResource, type Place, physicalId } from './physical-names.ts';

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

export interface SynthesizedTemplate {
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Parameters?: Readonly<Record<string, { readonly Type: string; readonly Default?: unknown }>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown; readonly Export?: { readonly Name: unknown } }>>;
}

/** What a template has that cannot be resolved. */
export class Unresolved extends Error {
  override readonly name = 'Unresolved';
}

/** Every stack's template, by the stack's name. */
export class Templates {
  private readonly templates: ReadonlyMap<string, SynthesizedTemplate>;
  private readonly place: Place;

  constructor(templates: ReadonlyMap<string, SynthesizedTemplate>, place: Place) {
    this.templates = templates;
    this.place = place;
  }

  /** Resources of a type in every stack, resolved. */
  all(type: string): ResolvedResource[] {
    return [...this.templates].flatMap(([stack, { Resources }]) =>
      Object.entries(Resources)
        .filter(([, { Type }]) => Type === type)
        .map(([logicalId]) => new ResolvedResource(this, stack, logicalId)),
    );
  }

  resource(stack: string, logicalId: string): TemplateResource {
    const resource = this.templates.get(stack)?.Resources[logicalId];
    if (!resource) throw new Unresolved(`${stack} has no resource ${logicalId}`);
    return resource;
  }

  /** @throws Unresolved naming the intrinsic function */
  resolve(stack: string, value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.resolve(stack, item)).filter((item) => item !== NO_VALUE);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const [key, argument] = entries[0] ?? [];
    if (entries.length === 1 && key !== undefined && (key === 'Ref' || key.startsWith('Fn::'))) return this.call(stack, key, argument);
    return Object.fromEntries(
      entries.map(([name, item]) => [name, this.resolve(stack, item)] as const).filter(([, item]) => item !== NO_VALUE),
    );
  }

  private call(stack: string, name: string, argument: unknown): unknown {
    const text = (value: unknown): string => String(this.resolve(stack, value));
    switch (name) {
      case 'Ref':
        return this.reference(stack, argument as string);
      case 'Fn::GetAtt': {
        const [logicalId, attribute] = (typeof argument === 'string' ? split(argument) : argument) as [string, string];
        return this.attribute(stack, logicalId, attribute);
      }
      case 'Fn::Join': {
        const [separator, parts] = argument as [string, unknown];
        return (this.resolve(stack, parts) as unknown[]).join(separator);
      }
      case 'Fn::Select': {
        const [index, list] = argument as [number | string, unknown];
        return (this.resolve(stack, list) as unknown[])[Number(index)];
      }
      case 'Fn::Split': {
        const [separator, whole] = argument as [string, unknown];
        return text(whole).split(separator);
      }
      case 'Fn::Sub': {
        const [pattern, variables] = (typeof argument === 'string' ? [argument, {}] : argument) as [string, Record<string, unknown>];
        return pattern.replaceAll(/\$\{([^!}][^}]*)\}/g, (_, variable: string) => {
          if (Object.hasOwn(variables, variable)) return text(variables[variable]);
          return text(variable.includes('.') ? { 'Fn::GetAtt': split(variable) } : { Ref: variable });
        });
      }
      case 'Fn::ImportValue':
        return this.exported(text(argument));
      case 'Fn::GetStackOutput': {
        const { StackName, OutputName } = argument as { readonly StackName: string; readonly OutputName: string };
        return this.output(StackName, OutputName);
      }
      case 'Fn::Base64':
        return Buffer.from(text(argument)).toString('base64');
      default:
        throw new Unresolved(`${stack}: the installation of the simulation does not know ${name}`);
    }
  }

  private reference(stack: string, name: string): unknown {
    const { region, account } = this.place;
    const pseudo: Record<string, unknown> = {
      'AWS::Partition': 'aws',
      'AWS::Region': region,
      'AWS::AccountId': account,
      'AWS::URLSuffix': 'amazonaws.com',
      'AWS::StackName': stack,
      'AWS::NoValue': NO_VALUE,
    };
    if (name in pseudo) return pseudo[name];
    if (name.startsWith('AWS::')) throw new Unresolved(`${stack}: the installation of the simulation does not know Ref ${name}`);
    const parameter = this.templates.get(stack)?.Parameters?.[name];
    if (parameter?.Type.startsWith('AWS::SSM::Parameter::Value')) return this.storedParameter(parameter.Default);
    return physicalId(new ResolvedResource(this, stack, name), this.place);
  }

  /** In Parameter Store, where another stack's template puts it. */
  private storedParameter(name: unknown): unknown {
    const stored = this.all('AWS::SSM::Parameter').find((one) => one.get('Name') === name);
    if (!stored) throw new Unresolved(`no stack has the parameter ${name}`);
    return stored.get('Value');
  }

  private attribute(stack: string, logicalId: string, attribute: string): unknown {
    return attributeOf(new ResolvedResource(this, stack, logicalId), attribute, this.place);
  }

  private exported(name: string): unknown {
    for (const [stack, { Outputs = {} }] of this.templates)
      for (const { Value, Export } of Object.values(Outputs))
        if (Export && this.resolve(stack, Export.Name) === name) return this.resolve(stack, Value);
    throw new Unresolved(`no stack exports ${name}`);
  }

  private output(stack: string, name: string): unknown {
    const output = this.templates.get(stack)?.Outputs?.[name];
    if (!output) throw new Unresolved(`${stack} has no output ${name}`);
    return this.resolve(stack, output.Value);
  }
}

/** A resource whose properties are resolved one by one: many, of no interest here, refer to what has no name. */
export class ResolvedResource implements NamedResource {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
  private readonly templates: Templates;

  constructor(templates: Templates, stack: string, logicalId: string) {
    this.templates = templates;
    this.stack = stack;
    this.logicalId = logicalId;
    this.type = templates.resource(stack, logicalId).Type;
  }

  /** Undefined when it is not set. */
  get(property: string): unknown {
    return this.templates.resolve(this.stack, this.templates.resource(this.stack, this.logicalId).Properties?.[property]);
  }

  /** @throws Unresolved when it is no text */
  text(property: string): string {
    const value = this.get(property);
    if (typeof value !== 'string') throw new Unresolved(`${this.stack}: ${this.logicalId} has no text for ${property}`);
    return value;
  }

  ref(): string {
    return this.templates.resolve(this.stack, { Ref: this.logicalId }) as string;
  }
}

const NO_VALUE = Symbol('AWS::NoValue');
const split = (name: string): [string, string] => [name.slice(0, name.indexOf('.')), name.slice(name.indexOf('.') + 1)];
