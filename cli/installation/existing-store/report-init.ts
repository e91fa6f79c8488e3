/** What `holdfast init --store` reports: what it read, what a person decides, and the next commands. */
import { holdfast } from '../../../functions/shared/command-options.ts';
import { counted } from '../../../functions/shared/counted.ts';
import { DEFAULT_INSTALLATION } from '../../../functions/shared/naming.ts';
import { unfilledValues } from '../../../infra/config/explain-issue.ts';
import type { Output } from '../../output.ts';
import { subscribeCommand } from '../alarms-topic.ts';
import { FIRST_REPORT, type StoreConfig } from './store-config.ts';
import type { StoreFacts } from './store-facts.ts';

interface Result extends StoreConfig {
  readonly store: StoreFacts;
  readonly written: readonly string[];
  readonly region: string;
  readonly installation: string | undefined;
}

/** Each with a remark for people. What comes first ends with "init" again, whose report has the rest. */
function nextOf({
  store: { account },
  region,
  installation = DEFAULT_INSTALLATION,
  first,
}: Result): readonly (readonly [string, string])[] {
  if (first !== undefined) return first.map((command, at) => [command, at === first.length - 1 ? '    (in an empty folder)' : '']);
  return [
    ['npm install', ''],
    ['npx --no cdk deploy --all', '    (before, once per account and Region: npx --no cdk bootstrap)'],
    [FIRST_REPORT, '    (the first report: a dry run, which changes no key)'],
    [
      subscribeCommand({ installation, region, account: account || 'ACCOUNT', awsOptions: `--region ${region}` }),
      '    (alarms reach nobody before)',
    ],
    [holdfast('doctor'), ''],
  ];
}

export function reportInit(result: Result, output: Output): void {
  const { store, config, missing, notes, written } = result;
  const { id, engine, engineVersion, shards, replicas, tls, vpcId } = store;
  const decide = unfilledValues(config).map(({ path, what }) => ({ key: path, what }));
  const commands = nextOf(result);
  const next = commands.map(([command]) => command);
  const shown = { id, engine, engineVersion, shards, replicas, tls, vpcId };
  output.result({ written, store: shown, decide, missing, notes, next }, () => {
    const parts = [`${engine} ${engineVersion}`, counted(shards, 'shard'), counted(replicas, 'replica'), tls ? 'TLS' : 'no TLS', vpcId];
    return [
      `replication group ${id}: ${parts.join(', ')}`,
      ...indented(notes),
      `wrote ${written.join(', ')}`,
      ...(missing.length > 0 ? ['Before the functions can work:', ...indented(missing)] : []),
      ...(decide.length > 0 ? ['You decide, in holdfast.config.json:', ...indented(decide.map(({ key, what }) => `${key}: ${what}`))] : []),
      'Next:',
      ...indented(commands.map((parts) => parts.join(''))),
    ].join('\n');
  });
}

const indented = (lines: readonly string[]): readonly string[] => lines.map((line) => `  ${line}`);
