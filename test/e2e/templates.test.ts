/** The local cloud is sent the very templates that AWS would be sent. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CloudFormationClient, GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import { App } from 'aws-cdk-lib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApp } from '../../infra/build-app.ts';
import { readConfig } from '../../infra/config.ts';
import { LOCAL_CREDENTIALS } from '../../local/local-account.ts';
import { kept } from './fleet.ts';

type Template = {
  Parameters?: Record<string, unknown>;
  Rules?: Record<string, unknown>;
  Resources: Record<string, { Type: string; Metadata?: Record<string, unknown> }>;
};

const STACKS = ['holdfast-network', 'holdfast-session-store', 'holdfast-releases', 'holdfast-web-web-tier', 'holdfast-web-deploy'];
const outdir = mkdtempSync(path.join(tmpdir(), 'holdfast-templates-'));
let forAws: Map<string, Template>;

beforeAll(() => {
  // The configuration of the kept cloud, but with the synthesizer that AWS is deployed with.
  const config = readConfig(path.join(kept.runFolder, 'holdfast.config.json'));
  const app = new App({ outdir, context: contextOfCdkJson() });
  buildApp(app, { ...config, credentials: 'bootstrap' });
  forAws = new Map(app.synth().stacks.map((stack) => [stack.stackName, stack.template as Template]));
});
afterAll(() => rmSync(outdir, { recursive: true, force: true }));

/** Drops what the synthesizers and the CLI add: the check of the bootstrap stack's version, notes on where assets lie. */
function withoutEntriesOfTheSynthesizer(template: Template): Template {
  for (const resource of Object.values(template.Resources)) {
    const metadata = Object.entries(resource.Metadata ?? {}).filter(([key]) => !key.startsWith('aws:asset:'));
    if (metadata.length > 0) resource.Metadata = Object.fromEntries(metadata);
    else delete resource.Metadata;
  }
  const { BootstrapVersion: _, ...parameters } = template.Parameters ?? {};
  const { CheckBootstrapVersion: __, ...rules } = template.Rules ?? {};
  const { Parameters: ___, Rules: ____, ...rest } = template;
  return {
    ...rest,
    ...(Object.keys(parameters).length > 0 && { Parameters: parameters }),
    ...(Object.keys(rules).length > 0 && { Rules: rules }),
  };
}

describe.each(STACKS)('%s', (stackName) => {
  it('was deployed locally from the template that goes to AWS at the same configuration', async () => {
    const client = new CloudFormationClient({ region: kept.region, endpoint: kept.gatewayUrl, credentials: LOCAL_CREDENTIALS });
    const { TemplateBody = '' } = await client.send(new GetTemplateCommand({ StackName: stackName, TemplateStage: 'Original' }));
    const local = JSON.parse(TemplateBody) as Template;
    expect(Object.keys(local.Resources).length).toBeGreaterThan(3);
    expect(withoutEntriesOfTheSynthesizer(local)).toEqual(withoutEntriesOfTheSynthesizer(forAws.get(stackName) as Template));
  });
});

function contextOfCdkJson(): Record<string, unknown> {
  return (JSON.parse(readFileSync(path.join(import.meta.dirname, '../../cdk.json'), 'utf8')) as { context: Record<string, unknown> })
    .context;
}
