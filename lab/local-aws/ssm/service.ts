/** Systems Manager of the local cloud: documents that really run on its machines, hybrid activations, and Parameter Store. */

import { limitCalls } from '../service/call-rates.ts';
import type { LocalService } from '../service/service.ts';
import { activationOperations } from './activation-operations.ts';
import { type Activations, createActivations } from './activations.ts';
import { SSM_CALL_RATES } from './call-rates.ts';
import { commandOperations } from './command-operations.ts';
import type { CommandRecord } from './command-record.ts';
import { CommandRunner, type RunnerOptions } from './command-runner.ts';
import { documentOperations } from './document-operations.ts';
import { DocumentStore } from './document-store.ts';
import { instanceInformation } from './instance-information.ts';
import { ParameterStore, parameterOperations } from './parameter-store.ts';
import { permissionsOf } from './permissions.ts';
import { documentProvider, parameterProvider } from './resource-providers.ts';

export interface SsmOptions extends Omit<RunnerOptions, 'deliveryMs' | 'secondMs'> {
  /** The activations that agents of machines on premises register with. @default new ones, which no machine knows */
  readonly activations?: Activations;
  /** How long a command takes to reach the agent. @default 150 */
  readonly deliveryMs?: number;
  /** How long GetCommandInvocation answers InvocationDoesNotExist after SendCommand. @default 300 */
  readonly visibleAfterMs?: number;
  /** Length of one second of the time that a silent agent is waited for. Less makes time go faster. @default 1000 */
  readonly secondMs?: number;
}

const NOT_EMULATED = [
  'Only Run Command, hybrid activations and Parameter Store exist: no Automation, State Manager, Session Manager, patching or inventory.',
  'Documents are of type Command, schema 2.2, in JSON; steps are aws:runShellScript and aws:downloadContent from S3.',
  'allowedPattern is a JavaScript regular expression; on AWS it is a Java and a Go one. What Go refuses is refused when the document is created, not by the agent.',
  'A parameter with interpolationType ENV_VAR is also substituted in the text, like any other.',
  'Scripts run as the user who started the local cloud, not as root, and every machine reports Linux as its platform.',
  'Output is returned by the API only: SendCommand writes to no S3 bucket or log group and sends no SNS notification.',
  'MaxErrors has no effect; documents cannot be shared between accounts; parameters have no policies, tiers, labels or history.',
  'Only on-premises nodes have tags in Systems Manager; their agents do not rotate keys, and the session of their activation’s role does not expire.',
  'Throttling of Run Command is an assumption, for AWS publishes no rate; activations, Parameter Store and calls of root are not throttled.',
  'Nothing survives a restart.',
] as const;

/** The service, with its CloudFormation types. Its `stop` cancels what runs. */
export function createSsmService(options: SsmOptions): LocalService {
  const { now, instances } = options;
  const documents = new DocumentStore(now);
  const parameters = new ParameterStore(now);
  const commands = new Map<string, CommandRecord>();
  const runner = new CommandRunner({ ...options, deliveryMs: options.deliveryMs ?? 150, secondMs: options.secondMs ?? 1_000 });
  const context = { documents, instances, now, visibleAfterMs: options.visibleAfterMs ?? 300 };
  return {
    signingNames: ['ssm'],
    protocol: { kind: 'json', version: '1.1' },
    permissions: permissionsOf(options),
    throttle: limitCalls(SSM_CALL_RATES, now),
    operations: {
      ...documentOperations(documents),
      ...commandOperations(context, runner, commands),
      ...parameterOperations(parameters),
      ...activationOperations(options.activations ?? createActivations(now), now),
      DescribeInstanceInformation: instanceInformation(instances, now),
    },
    resourceTypes: {
      'AWS::SSM::Document': documentProvider(documents),
      'AWS::SSM::Parameter': parameterProvider(parameters),
    },
    notEmulated: NOT_EMULATED,
    stop: () => runner.stop(commands.values()),
  };
}
