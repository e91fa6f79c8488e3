/** Templates as CloudFormation fills them in, with the longest values that the services allow. */
import { isRecord } from '../../functions/shared/json.ts';
import { LIMITS } from '../../functions/shared/limits/service-limits.ts';

export interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}
export interface Template {
  readonly Resources?: Readonly<Record<string, Resource>>;
  readonly Parameters?: Readonly<Record<string, { readonly Default?: unknown }>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown; readonly Export?: { readonly Name: unknown } }>>;
}
/** All of an installation, by the names of their stacks. */
export type Templates = Readonly<Record<string, Template>>;

/** The longest that each can be. */
const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws-us-gov',
  'AWS::Region': 'ap-northeast-1',
  'AWS::AccountId': '111122223333',
  'AWS::URLSuffix': 'amazonaws.com.cn',
  'AWS::NoValue': '',
};
/** Types whose Ref is an ARN, or a queue's URL, which is no longer. */
const ARN_BY_REF =
  /^AWS::(SNS::Topic|SQS::Queue|SecretsManager::Secret|ElasticLoadBalancingV2::\w+|StepFunctions::\w+|Lambda::(Version|Alias)|IAM::ManagedPolicy)$/;
/** What services add to a name in an ARN: an id, a version, a kind. */
const ADDED_TO_NAME = '/app/0123456789abcdef/0123456789abcdef';
/** At least as long as what ElastiCache and load balancers put around a name: `clustercfg.NAME.abcdef.apne1.cache` and the domain. */
const ADDED_TO_HOST = 'x'.repeat(56);
const LONGEST_ID = 'subnet-0123456789abcdef0';
const LONGEST_UNKNOWN = 'x'.repeat(128);
/** What CloudFormation appends to the name that it makes of a stack's and a logical id. */
const GENERATED_SUFFIX = '-ABCDEFGHIJKL';

export class FilledIn {
  private readonly templates: Templates;
  private readonly exports: ReadonlyMap<string, readonly [stack: string, value: unknown]>;

  constructor(templates: Templates) {
    this.templates = templates;
    this.exports = new Map(
      Object.entries(templates).flatMap(([stack, { Outputs = {} }]) =>
        Object.entries(Outputs).flatMap(([, { Value, Export }]) =>
          Export === undefined ? [] : [[this.text(stack, Export.Name), [stack, Value] as const] as const],
        ),
      ),
    );
  }

  /** A value of a stack's template without intrinsic functions. */
  value(stack: string, value: unknown): unknown {
    if (Array.isArray(value)) return value.map((one) => this.value(stack, one)).filter((one) => one !== undefined);
    if (!isRecord(value)) return value;
    const [[name, given] = ['', undefined], ...others] = Object.entries(value);
    if (others.length === 0 && (name === 'Ref' || name.startsWith('Fn::'))) return this.call(stack, name, given);
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, this.value(stack, one)]));
  }

  private text(stack: string, value: unknown): string {
    const filled = this.value(stack, value);
    return typeof filled === 'string' ? filled : filled === undefined ? '' : JSON.stringify(filled);
  }

  private call(stack: string, name: string, given: unknown): unknown {
    const list = Array.isArray(given) ? (given as unknown[]) : [given];
    switch (name) {
      case 'Ref':
        return given === 'AWS::NoValue' ? undefined : this.reference(stack, String(given));
      case 'Fn::GetAtt':
        return this.attribute(stack, ...((typeof given === 'string' ? given.split(/\.(.*)/) : list) as [string, string]));
      case 'Fn::Join':
        return [this.value(stack, list[1])]
          .flat()
          .map((one) => this.text(stack, one))
          .join(String(list[0]));
      case 'Fn::Sub':
        return String(list[0]).replaceAll(/\$\{([^!][^}]*)\}/g, (_, key: string) => {
          const own = (list[1] as Record<string, unknown> | undefined)?.[key];
          if (own !== undefined) return this.text(stack, own);
          return key.includes('.') ? this.attribute(stack, ...(key.split(/\.(.*)/) as [string, string])) : this.reference(stack, key);
        });
      case 'Fn::Split':
        return this.text(stack, list[1]).split(String(list[0]));
      case 'Fn::Select': {
        const from = this.value(stack, list[1]);
        return (Array.isArray(from) ? (from[Number(list[0])] as unknown) : undefined) ?? LONGEST_ID;
      }
      case 'Fn::Base64':
        return Buffer.from(this.text(stack, given)).toString('base64');
      case 'Fn::If': {
        const [yes, no] = [list[1], list[2]].map((one) => this.value(stack, one));
        return JSON.stringify(yes ?? '').length >= JSON.stringify(no ?? '').length ? yes : no;
      }
      case 'Fn::ImportValue': {
        const [from, value] = this.exports.get(this.text(stack, given)) ?? [stack, LONGEST_UNKNOWN];
        return this.value(from, value);
      }
      case 'Fn::GetStackOutput': {
        const { StackName, OutputName } = given as { StackName: unknown; OutputName: string };
        const from = this.text(stack, StackName);
        return this.value(from, this.templates[from]?.Outputs?.[OutputName]?.Value ?? LONGEST_UNKNOWN);
      }
      default:
        return LONGEST_UNKNOWN;
    }
  }

  private reference(stack: string, id: string): string {
    const template = this.templates[stack];
    if (id === 'AWS::StackName') return stack;
    const given = PSEUDO[id] ?? template?.Parameters?.[id]?.Default;
    if (given !== undefined) return String(given);
    const type = template?.Resources?.[id]?.Type ?? '';
    if (ARN_BY_REF.test(type)) return this.arn(stack, id, type);
    return type.startsWith('AWS::EC2::') && !type.endsWith('LaunchTemplate') ? LONGEST_ID : this.physicalName(stack, id, type);
  }

  private attribute(stack: string, id: string, attribute: string): string {
    const type = this.templates[stack]?.Resources?.[id]?.Type ?? '';
    if (/Arn$/.test(attribute)) return this.arn(stack, id, type);
    if (/Id$|Number$/.test(attribute)) return LONGEST_ID;
    if (/Port$/.test(attribute)) return '65535';
    const host = ADDED_TO_HOST + this.physicalName(stack, id, type);
    // Of all nodes, at most six.
    return /Addresses$/.test(attribute) ? JSON.stringify(Array.from({ length: 6 }, () => host)) : host;
  }

  private arn(stack: string, id: string, type: string): string {
    const [, service = '', kind = ''] = type.toLowerCase().split('::');
    const name = this.physicalName(stack, id, type);
    return `arn:${PSEUDO['AWS::Partition']}:${service}:${PSEUDO['AWS::Region']}:${PSEUDO['AWS::AccountId']}:${kind}/${name}${ADDED_TO_NAME}`;
  }

  /** The name that the template gives, or as long as CloudFormation makes one. */
  private physicalName(stack: string, id: string, type: string): string {
    const fields = LIMITS.filter((one) => one.type === type).flatMap(({ fields }) => Object.entries(fields));
    const [field, limit] = fields.find(([name]) => /^\w*(Name|name|Id)$/.test(name)) ?? [];
    const properties = this.templates[stack]?.Resources?.[id]?.Properties ?? {};
    const given = properties[limit?.property ?? field ?? Object.keys(properties).find((name) => /Name$/.test(name)) ?? ''];
    return given === undefined || given === '' ? `${stack}-${id}${GENERATED_SUFFIX}`.slice(0, limit?.most ?? 255) : this.text(stack, given);
  }
}
