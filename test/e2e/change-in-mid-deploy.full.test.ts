/** `cdk deploy` of a changed app while a deploy runs: the deploy goes on with what it began with, the next one has the new. */
import { DescribeExecutionCommand, GetExecutionHistoryCommand, ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { type Command, ListCommandsCommand } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rollTargetStateMachineName } from '../../functions/shared/naming.ts';
import { until } from '../until.ts';
import { cdkFor, changedApp, keptConfig } from './cdk.ts';
import { cloud, publish, recordOf, ssm, startDeploy, untilEnded, untilHealthy } from './fleet.ts';

/** What one deploy ran. */
interface Ran {
  /** Versions of functions, as `NAME:NUMBER`, by the histories of the deploy and its children. */
  readonly functions: string[];
  readonly children: { readonly arn: string; readonly version: string | undefined; readonly startedAtMs: number }[];
  /** By document: the versions that were sent, and the words with which the function's code sent them. */
  readonly documents: string[];
  readonly settleSeconds: number;
}

async function whatRan(executionArn: string): Promise<Ran> {
  const { stepFunctions } = await cloud();
  const childMachine = executionArn
    .replace(':execution:', ':stateMachine:')
    .replace(/:[^:]+:[^:]+$/, `:${rollTargetStateMachineName('holdfast', 'web')}`);
  const { executions = [] } = await stepFunctions.send(new ListExecutionsCommand({ stateMachineArn: childMachine }));
  const children = [];
  for (const { executionArn: arn = '' } of executions) {
    const child = await stepFunctions.send(new DescribeExecutionCommand({ executionArn: arn }));
    if (!child.input?.includes(executionArn)) continue;
    children.push({ arn, version: child.stateMachineVersionArn, startedAtMs: child.startDate?.getTime() ?? 0 });
  }
  const functions = new Set<string>();
  for (const arn of [executionArn, ...children.map(({ arn: child }) => child)]) {
    const { events = [] } = await stepFunctions.send(new GetExecutionHistoryCommand({ executionArn: arn, maxResults: 1000 }));
    for (const match of JSON.stringify(events).matchAll(/function:(holdfast-web-[a-z-]+:\w+)/g)) functions.add(String(match[1]));
  }
  const { input = '{}' } = await stepFunctions.send(new DescribeExecutionCommand({ executionArn: children[0]?.arn }));
  const { deploy } = JSON.parse(input) as { deploy: { settings: { settleSeconds: number } } };
  const record = await recordOf(executionArn);
  const within = (at: Date | undefined) =>
    at !== undefined && at.getTime() >= (record?.startedAtMs ?? 0) && at.getTime() <= (record?.finishedAtMs ?? Number.POSITIVE_INFINITY);
  const commands: Command[] = [];
  let NextToken: string | undefined;
  do {
    const page = await ssm.send(new ListCommandsCommand({ MaxResults: 50, ...(NextToken && { NextToken }) }));
    commands.push(...(page.Commands ?? []));
    NextToken = page.NextToken;
  } while (NextToken);
  const documents = commands
    .filter(({ RequestedDateTime }) => within(RequestedDateTime))
    .map(({ DocumentName, DocumentVersion, Comment }) => `${DocumentName} ${DocumentVersion} ${Comment?.split(' ')[0]}`);
  return {
    functions: [...functions].toSorted(),
    children,
    documents: [...new Set(documents)].toSorted(),
    settleSeconds: deploy.settings.settleSeconds,
  };
}

/** The number in `NAME:NUMBER`. */
const numberOf = (version: string) => Number(version.split(':').at(-1));
const nameOf = (version: string) => version.slice(0, version.lastIndexOf(':'));

beforeAll(async () => {
  await untilHealthy(3);
  await publish('61.0.0');
  await publish('61.1.0');
});

// The scenarios that follow are of the app as it is.
afterAll(
  () =>
    cdkFor('unchanged', keptConfig())
      .deploy()
      .then(() => {}),
  300_000,
);

describe('a change of the app in mid-deploy', () => {
  it('changes nothing for the deploy that runs, and everything for the next one', { timeout: 300_000 }, async () => {
    const config = keptConfig();
    const web = config.fleets['web'] as (typeof config.fleets)[string];
    const changed = { ...config, fleets: { web: { ...web, deploy: { ...web.deploy, settleSeconds: 2 } } } };
    const app = changedApp('changed', {
      'functions/instance/instance-commands.ts': ['`Holdfast ${', '`Changed ${'],
      'functions/shared/step-handler.ts': ['let serve', 'process.title = "changed";\n  let serve'],
      // A document has neither comments nor docstrings.
      'server/documents/instance.py': ['ROOT = ', 'CHANGED = True\nROOT = '],
    });

    const arn = await startDeploy({ version: '61.0.0' });
    await until(
      async () => Object.values((await recordOf(arn))?.targets ?? {}).some(({ phase }) => phase !== 'waiting'),
      'a target is drained',
    );
    const startedAtMs = Date.now();
    await cdkFor('changed', changed, app).deploy();
    const changedAtMs = Date.now();
    const first = await untilEnded(arn);
    expect(first, JSON.stringify(first)).toMatchObject({ status: 'SUCCEEDED' });
    const before = await whatRan(arn);
    // Else the change came too late to mix anything.
    expect(before.children.some((child) => child.startedAtMs > startedAtMs)).toBe(true);
    expect(changedAtMs).toBeGreaterThan(startedAtMs);

    const second = await startDeploy({ version: '61.1.0' });
    expect((await untilEnded(second)).status).toBe('SUCCEEDED');
    const after = await whatRan(second);

    expect(before.functions.map(nameOf)).toEqual(
      ['assess', 'command', 'control', 'scaling', 'store-check', 'traffic'].map((name) => `holdfast-web-deploy-${name}`),
    );
    expect(after.functions.map(nameOf)).toEqual(before.functions.map(nameOf));
    for (const [index, name] of after.functions.entries()) {
      expect(numberOf(name), name).toBeGreaterThan(numberOf(before.functions[index] as string));
    }
    const machines = [before, after].map(({ children }) => [...new Set(children.map(({ version = '' }) => numberOf(version)))]);
    expect(machines.map(({ length }) => length)).toEqual([1, 1]);
    expect(machines[1]?.[0]).toBeGreaterThan(machines[0]?.[0] as number);
    const documents = (version: number, word: string) =>
      ['install-release', 'observe', 'wait-idle'].map((name) => `holdfast-${name} ${version} ${word}`);
    const documentVersion = Number(before.documents[0]?.split(' ')[1]);
    expect(before.documents).toEqual(documents(documentVersion, 'Holdfast'));
    expect(after.documents).toEqual(documents(documentVersion + 1, 'Changed'));
    expect([before.settleSeconds, after.settleSeconds]).toEqual([1, 2]);
  });
});
