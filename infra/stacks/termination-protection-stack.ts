import { CfnWaitConditionHandle, type Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { HoldfastStack, type HoldfastStackProps } from './holdfast-stack.ts';

export interface TerminationProtectionStackProps extends Omit<HoldfastStackProps, 'terminationProtection'> {
  /** Every other stack of the installation. */
  readonly stacks: readonly Stack[];
}

/**
 * The last stack of a protected installation, and so the first that `cdk destroy` deletes: its termination protection refuses
 * that before anything else is deleted. No other stack has termination protection, because the CLI turns it on before a stack
 * is created, and could then not delete one whose creation failed. This stack contains nothing whose creation can fail: the
 * handle is free, and only there because a stack needs a resource.
 */
export class TerminationProtectionStack extends HoldfastStack {
  constructor(scope: Construct, id: string, { stacks, ...props }: TerminationProtectionStackProps) {
    super(scope, id, { ...props, terminationProtection: true });
    new CfnWaitConditionHandle(this, 'Nothing');
    for (const stack of stacks) this.addStackDependency(stack);
  }
}
