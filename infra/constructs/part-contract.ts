import { aws_lambda as lambda, type Stack, aws_stepfunctions as stepfunctions } from 'aws-cdk-lib';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { CONTRACT, type PartParameter } from '../../functions/installation/contract.ts';
import { contractParameterName } from '../../functions/shared/naming.ts';
import { OWN_VERSION } from '../own-files.ts';

/**
 * Writes the contract number of one stack's state machines and functions, after all of them: while an installation's stacks are updated one
 * after the other, or after one failed to update, commands see from it which contract the part really has. Call it when the stack has all
 * of its resources.
 * @param part a fleet's name, STORE_PART or INCIDENTS_PART
 */
export function writePartContract(stack: Stack, installation: string, part: string): void {
  const value: PartParameter = { contract: CONTRACT, version: OWN_VERSION };
  const parameter = new StringParameter(stack, 'Contract', {
    parameterName: contractParameterName(installation, part),
    description: `Contract of what commands start of ${part} in ${installation}`,
    stringValue: JSON.stringify(value),
  });
  const started = stack.node.findAll().filter((one) => one instanceof lambda.CfnAlias || one instanceof stepfunctions.CfnStateMachine);
  parameter.node.addDependency(...started);
}
