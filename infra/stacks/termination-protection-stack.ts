import { CfnOutput, CfnWaitConditionHandle, Fn, type Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { HoldfastStack } from './holdfast-stack.ts';
import { importOf } from './protection-stack.ts';

export interface TerminationProtectionStackProps extends Omit<StackProps, 'terminationProtection'> {
  readonly protection: Stack;
}

/**
 * The last stack of a protected installation, and so the first that `cdk destroy` deletes: its termination protection refuses
 * that before anything else is deleted. No other stack has termination protection, because the CLI turns it on before a stack
 * is created, and could then not delete one whose creation failed. This stack contains nothing whose creation can fail: the
 * handle is free, and only there because a stack needs a resource.
 */
export class TerminationProtectionStack extends HoldfastStack {
  constructor(scope: Construct, id: string, { protection, ...props }: TerminationProtectionStackProps) {
    super(scope, id, { ...props, terminationProtection: true });
    new CfnWaitConditionHandle(this, 'Nothing');
    // An output that imports another is what cfn-lint warns of; here the import is the purpose.
    this.addMetadata('cfn-lint', { config: { ignore_checks: ['W6001'] } });
    new CfnOutput(this, 'Protects', { value: Fn.join(' ', [importOf(this, protection), 'and every stack that it imports']) });
  }
}
