/** The templates that AWS would be sent, and those that the local cloud was sent, without what the synthesizers add. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CloudFormationClient, GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import { App } from 'aws-cdk-lib';
import { buildApp } from '../../infra/build-app.ts';
import type { HoldfastConfig } from '../../infra/config.ts';
import { QUICK_APP } from '../infra/synthesized.ts';
import { kept } from './fleet.ts';

export interface Template {
  readonly Parameters?: Record<string, unknown>;
  readonly Rules?: Record<string, unknown>;
  readonly Resources: Record<string, { Type: string; Metadata?: Record<string, unknown> }>;
}

/** Every stack of a configuration, with the synthesizer that AWS is deployed with. */
export function templatesForAws(config: HoldfastConfig): ReadonlyMap<string, Template> {
  const outdir = mkdtempSync(path.join(tmpdir(), 'holdfast-templates-'));
  try {
    const app = new App({ ...QUICK_APP, outdir, context: contextOfCdkJson() });
    buildApp(app, { ...config, credentials: 'bootstrap' });
    return new Map(app.synth().stacks.map((stack) => [stack.stackName, withoutEntriesOfTheSynthesizer(stack.template as Template)]));
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** As `cdk deploy` sent it to the local cloud. */
export async function deployedTemplate(stackName: string): Promise<Template> {
  const client = new CloudFormationClient({ region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials });
  const { TemplateBody = '' } = await client.send(new GetTemplateCommand({ StackName: stackName, TemplateStage: 'Original' }));
  return withoutEntriesOfTheSynthesizer(JSON.parse(TemplateBody) as Template);
}

/** Drops what the synthesizers and the CLI add: the check of the bootstrap stack's version, notes on where assets lie. */
export function withoutEntriesOfTheSynthesizer(template: Template): Template {
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

function contextOfCdkJson(): Record<string, unknown> {
  return (JSON.parse(readFileSync(path.join(import.meta.dirname, '../../cdk.json'), 'utf8')) as { context: Record<string, unknown> })
    .context;
}
