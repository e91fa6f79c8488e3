import { Stage, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { InvalidConfiguration } from './config.ts';

/**
 * What was written of a configuration, with the account and the Region of the stage that `scope` is in.
 * @throws InvalidConfiguration when it names others than the stage, or has tokens and no account
 */
export function inStage(scope: Construct, written: unknown, source: string): unknown {
  if (typeof written !== 'object' || written === null || Array.isArray(written)) return written;
  const { account, region } = Stage.of(scope) ?? {};
  const config: Record<string, unknown> = { ...written };
  for (const [key, of] of Object.entries({ account, region })) {
    if (of === undefined || Token.isUnresolved(of)) continue;
    if (config[key] !== undefined && config[key] !== of)
      throw new InvalidConfiguration(
        `${source} is not valid:\n  ${key} (${JSON.stringify(config[key])}): the stage that the construct is in has ${JSON.stringify(of)}: write the same, or leave it out`,
      );
    config[key] = of;
  }
  if (config['account'] === undefined && JSON.stringify(config).includes('${Token['))
    throw new InvalidConfiguration(
      `${source} is not valid:\n  account (absent): is required where ids are tokens of the CDK: the stack that has them needs the same account and Region in its env`,
    );
  return config;
}
