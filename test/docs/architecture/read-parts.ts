/** What the templates of an installation run, and which part starts or calls which. Pure. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { pythonStep } from '../../../server/documents/document-content.ts';
import type { FoundResource } from '../../infra/synthesized.ts';
import { REPOSITORY } from '../../run-node.ts';

export type Kind =
  | 'machine'
  | 'function'
  | 'document'
  | 'starter'
  | 'dashboards'
  | 'cloudformation'
  | 'store'
  | 'balancer'
  | 'application'
  | 'topic'
  | 'people';

export interface Part {
  readonly id: string;
  readonly kind: Kind;
  readonly label: string;
  readonly inVpc?: boolean;
}

export interface Call {
  readonly from: string;
  readonly to: string;
}

export interface Parts {
  readonly parts: readonly Part[];
  readonly calls: readonly Call[];
}

/** What the events of a source are about here. */
const SOURCES: Readonly<Record<string, string>> = {
  'aws.autoscaling': 'a server launches or terminates',
  'aws.cloudwatch': 'an alarm changes',
  'aws.states': 'an execution fails',
};

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

/** Actions by which a function starts, calls or changes another part, with its kind. */
const CALLING_ACTIONS: readonly (readonly [RegExp, Kind])[] = [
  [/^states:StartExecution$/, 'machine'],
  [/^lambda:InvokeFunction$/, 'function'],
  [/^ssm:SendCommand$/, 'document'],
  [/^elasticloadbalancing:(Register|Deregister)Targets$/, 'balancer'],
  [/^elasticache:Connect$/, 'store'],
  [/^sns:Publish$/, 'topic'],
];

/** @param fleet whose names are shown without it, like the installation's */
export function readParts(resources: readonly FoundResource[], installation: string, fleet: string): Parts {
  const of = (type: string) => resources.filter(({ Type }) => Type === type);
  const short = (name: string) => name.replace(`${installation}-`, '').replace(`${fleet}-`, '');
  const ids = new Map<string, string>();
  const parts: Part[] = [];
  const add = (part: Part, ...logicalIds: readonly string[]) => {
    if (!parts.some(({ id }) => id === part.id)) parts.push(part);
    for (const logicalId of logicalIds) ids.set(logicalId, part.id);
  };
  const named = (type: string, key: string, kind: Kind) => {
    for (const { logicalId, Properties } of of(type)) {
      const name = Properties[key] as string;
      add({ id: `${kind} ${name}`, kind, label: short(name), inVpc: 'VpcConfig' in Properties }, logicalId);
    }
  };
  named('AWS::StepFunctions::StateMachine', 'StateMachineName', 'machine');
  named('AWS::Lambda::Function', 'FunctionName', 'function');
  named('AWS::SNS::Topic', 'TopicName', 'topic');
  for (const { logicalId, Properties } of of('AWS::SSM::Document')) {
    const name = Properties['Name'] as string;
    add({ id: `document ${name}`, kind: 'document', label: `${short(name)}: ${pythonOf(Properties['Content']).join(', ')}` }, logicalId);
  }
  for (const { logicalId } of of('AWS::ElastiCache::ReplicationGroup'))
    add({ id: 'store', kind: 'store', label: 'session store' }, logicalId);
  for (const { logicalId } of of('AWS::ElasticLoadBalancingV2::TargetGroup'))
    add({ id: 'balancer', kind: 'balancer', label: 'load balancer' }, logicalId);

  // A version and an alias stand for what they lead to.
  for (const type of ['AWS::Lambda::Version', 'AWS::Lambda::Alias'])
    for (const { logicalId, Properties } of of(type))
      ids.set(logicalId, ids.get((Properties['FunctionName'] as { Ref: string }).Ref) ?? '');
  for (const { logicalId, Properties } of of('AWS::StepFunctions::StateMachineVersion'))
    ids.set(logicalId, ids.get((Properties['StateMachineArn'] as { Ref: string }).Ref) ?? '');

  /** The parts that a value refers to: by their logical ids, by another stack's export of these, or by their names in an ARN. */
  const referred = (value: unknown): readonly string[] => {
    // Within an ARN that is joined from strings, account and partition are `*`.
    const text = JSON.stringify(value).replaceAll(/",\{"Ref":"AWS::\w+"\},"/g, '*');
    const logical = [...text.matchAll(/"Ref":"(\w+)"|"Fn::GetAtt":\["(\w+)"|:ExportsOutput(?:Ref|FnGetAtt)(\w+?)(?:Arn)?[0-9A-F]{8}"/g)];
    const names = [...text.matchAll(/:(?:stateMachine:|function:|document\/|sns:[\w-]+:\*:)([\w-]+)/g)].map(([, name]) => name);
    const byName = names.flatMap((name) => parts.filter(({ id }) => id.endsWith(` ${name}`)).map(({ id }) => id));
    const store = text.includes(':replicationgroup:') ? ['store'] : [];
    return [...new Set([...logical.flatMap(([, ...found]) => ids.get(found.find(Boolean) ?? '') ?? []), ...byName, ...store])];
  };
  const calls = new Map<string, Call>();
  const call = (from: string, to: readonly string[]) => {
    for (const each of to) if (each !== from) calls.set(`${from} ${each}`, { from, to: each });
  };
  const ofKind = (kind: Kind, value: unknown) => referred(value).filter((id) => parts.some((part) => part.id === id && part.kind === kind));
  const byPolicies = (from: string, statements: readonly Statement[]) => {
    for (const { Action, Resource } of statements)
      for (const [pattern, kind] of CALLING_ACTIONS)
        if ([Action].flat().some((action) => pattern.test(action))) call(from, ofKind(kind, Resource));
  };

  for (const { logicalId, Properties } of of('AWS::StepFunctions::StateMachine'))
    call(ids.get(logicalId) ?? '', referred(Properties['DefinitionString']));
  for (const { logicalId, Properties } of of('AWS::Lambda::Function')) {
    const role = JSON.stringify((Properties['Role'] as { 'Fn::GetAtt': [string] })['Fn::GetAtt'][0]);
    const own = of('AWS::IAM::Policy').filter((policy) => JSON.stringify(policy.Properties['Roles']).includes(`{"Ref":${role}}`));
    byPolicies(ids.get(logicalId) ?? '', own.flatMap(statementsOf));
  }
  for (const { Properties } of of('AWS::Scheduler::Schedule')) {
    const rate = String(Properties['ScheduleExpression']).replace(/^rate\((?:1 (minute)|(.+))\)$/, (_, one, more) => one ?? more);
    add({ id: `starter ${rate}`, kind: 'starter', label: `every ${rate}` });
    call(`starter ${rate}`, referred((Properties['Target'] as { Arn: unknown }).Arn));
  }
  for (const { Properties } of of('AWS::Events::Rule')) {
    const pattern = Properties['EventPattern'] as { readonly source: [string]; readonly 'detail-type': [string] };
    const [source] = pattern.source;
    add({ id: `starter ${source}`, kind: 'starter', label: `event: ${SOURCES[source] ?? pattern['detail-type'][0]}` });
    call(`starter ${source}`, referred((Properties['Targets'] as readonly { Arn: unknown }[]).map(({ Arn }) => Arn)));
  }
  for (const { Properties } of of('AWS::ElastiCache::ReplicationGroup')) call('store', referred(Properties['NotificationTopicArn'] ?? []));
  add({ id: 'alarms', kind: 'starter', label: 'alarms' });
  for (const { Properties } of of('AWS::CloudWatch::Alarm')) call('alarms', referred(Properties['AlarmActions'] ?? []));
  add({ id: 'dashboards', kind: 'dashboards', label: 'dashboards' });
  for (const { Properties } of of('AWS::CloudWatch::Dashboard')) call('dashboards', ofKind('function', Properties['DashboardBody']));
  add({ id: 'cloudformation', kind: 'cloudformation', label: 'CloudFormation' });
  for (const { Properties } of resources.filter(({ Type }) => Type.startsWith('Custom::')))
    call('cloudformation', referred(Properties['ServiceToken']));
  for (const { Properties } of of('AWS::EC2::LaunchTemplate'))
    if ('UserData' in (Properties['LaunchTemplateData'] as object))
      add({ id: 'application', kind: 'application', label: 'the application<br>(user data at launch)' });
  call(
    'balancer',
    parts.flatMap(({ id, kind }) => (kind === 'application' ? id : [])),
  );
  call(
    'application',
    parts.flatMap(({ id, kind }) => (kind === 'store' ? id : [])),
  );
  add({ id: 'people', kind: 'people', label: './holdfast,<br>its console' });
  byPolicies('people', of('AWS::IAM::ManagedPolicy').flatMap(statementsOf));
  return { parts, calls: [...calls.values()] };
}

const statementsOf = ({ Properties }: FoundResource): readonly Statement[] =>
  (Properties['PolicyDocument'] as { Statement: readonly Statement[] }).Statement;

const DOCUMENTS = path.join(REPOSITORY, 'server/documents');

/** The files whose script a document's steps are: by the text, since a template has no names of files. */
function pythonOf(content: unknown): readonly string[] {
  const { mainSteps } = content as { mainSteps: readonly { readonly inputs: { readonly runCommand?: readonly string[] } }[] };
  const scripts = mainSteps.flatMap(({ inputs }) => inputs.runCommand?.join('\n') ?? []);
  const modules = readdirSync(DOCUMENTS).flatMap((file) => (file.endsWith('.py') ? path.basename(file, '.py') : []));
  const found = modules.filter((module) => scripts.includes((pythonStep('', 0, module).inputs['runCommand'] as string[]).join('\n')));
  if (found.length === 0) throw new Error('a document has a step that no Python file of server/documents is');
  return found.map((module) => `${module}.py`);
}
