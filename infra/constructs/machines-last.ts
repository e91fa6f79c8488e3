import { CfnResource, type Stack, aws_stepfunctions as sfn } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

export interface MachineOrder {
  /** Changes after the other machines. */
  readonly last?: sfn.StateMachine;
  /** Is started by its published version alone, so that a changed definition is not started before its version is named. */
  readonly versioned?: sfn.StateMachine;
  /** What starts a machine as soon as it exists, and therefore comes after it. */
  readonly starters?: readonly IConstruct[];
}

/**
 * Makes an update change the state machines of a stack after everything else in it. An execution calls the versions of functions that its
 * definition names, and an update that is rolled back deletes the versions that it published: an execution that began on a definition of
 * that update would lose its functions. Here everything that can fail an update has succeeded before a definition changes: what begins
 * meanwhile begins on the previous definition, whose versions stay. Call it when the stack has all of its resources; what has to be there
 * before a machine refers to it by its name.
 *
 * Each machine names every resource itself: whether CloudFormation waits for what an unchanged resource depends on is not documented.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-dependson.html
 */
export function changeMachinesLast(stack: Stack, { last, versioned, starters = [] }: MachineOrder = {}): void {
  const resources = stack.node.findAll().filter(CfnResource.isCfnResource);
  const machines = resources.filter((one) => one instanceof sfn.CfnStateMachine && one !== versioned?.node.defaultChild);
  const before = resources.filter((one) => !machines.includes(one) && !starters.some((construct) => one.node.scopes.includes(construct)));
  for (const machine of machines) {
    const others = machine === last?.node.defaultChild ? machines.filter((one) => one !== machine) : [];
    for (const one of [...before, ...others]) machine.addResourceDependency(one);
  }
}
