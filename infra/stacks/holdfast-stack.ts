import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Stack, type StackProps } from 'aws-cdk-lib';
import { CURRENT_VERSION_EXPIRED_FLAGS, FLAGS, futureFlagDefault } from 'aws-cdk-lib/cx-api';
import type { Construct } from 'constructs';
import type { HoldfastConfig } from '../config.ts';
import { LOG_RETENTION_CONTEXT } from '../constructs/holdfast-function.ts';
import { DOCUMENTATION_CONTEXT } from '../constructs/watch-alarm.ts';
import { OWN_FOLDER } from '../own-files.ts';

const { context: OWN_FLAGS } = JSON.parse(readFileSync(path.join(OWN_FOLDER, 'cdk.json'), 'utf8')) as {
  context: Readonly<Record<string, unknown>>;
};

/** The CDK refuses flags of its first version. */
const FLAGS_IN_FORCE = Object.keys(FLAGS).filter((flag) => !CURRENT_VERSION_EXPIRED_FLAGS.includes(flag));

export interface HoldfastStackProps extends StackProps {
  readonly config: HoldfastConfig;
}

/**
 * A stack whose template does not depend on the app that it is created in: it has its own name, and Holdfast's feature flags in the
 * place of the app's, which the CDK reads from the nearest scope.
 */
export class HoldfastStack extends Stack {
  constructor(scope: Construct, id: string, { config, ...props }: HoldfastStackProps) {
    super(scope, id, { stackName: id, ...props });
    for (const flag of FLAGS_IN_FORCE) this.node.setContext(flag, OWN_FLAGS[flag] ?? futureFlagDefault(flag));
    if (config.watch.documentation !== undefined) this.node.setContext(DOCUMENTATION_CONTEXT, config.watch.documentation);
    this.node.setContext(LOG_RETENTION_CONTEXT, config.logRetentionDays);
  }
}
