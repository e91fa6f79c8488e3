/**
 * Stands for `amazon-ssm-agent -register -code CODE -id ID -region REGION` on a local machine: the machine becomes a
 * managed node on premises, whose agent then takes commands, and which calls with its activation's role.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/hybrid-multicloud-ssm-agent-install-linux.html
 */

import { parseArgs } from 'node:util';
import type { RegisterAgent } from '../interfaces.ts';
import { messageOf } from '../service/message-of.ts';
import type { CommandReply } from './command-reply.ts';
import type { LocalMachine } from './local-machine.ts';

const OPTIONS = {
  register: { type: 'boolean' },
  code: { type: 'string' },
  id: { type: 'string' },
  region: { type: 'string' },
  y: { type: 'boolean' },
} as const;

/** One call of the program on `machine`. Never throws. */
export async function registerAgent(
  machine: LocalMachine,
  args: readonly string[],
  register: RegisterAgent | undefined,
): Promise<CommandReply> {
  const refuse = (reason: string): CommandReply => ({ code: 1, stderr: `Registration failed: ${reason}\n` });
  try {
    // The agent's options have one dash, as Go programs' do.
    const { values } = parseArgs({ args: args.map((arg) => (/^-[a-z]{2,}$/.test(arg) ? `-${arg}` : arg)), options: OPTIONS });
    if (!values.register) return refuse('the local agent knows -register alone');
    if (!values.code || !values.id || !values.region) return refuse('-code, -id and -region are needed');
    if (machine.isEc2) return refuse(`${machine.facts.instanceId} is an EC2 instance: its agent is registered already`);
    if (machine.nodeId !== undefined && !values.y)
      return refuse(`it is already registered as ${machine.nodeId}; use -y to register it again`);
    if (register === undefined) return refuse('Systems Manager does not answer');
    await machine.enrol(await register(values.id, values.code));
    return { code: 0, stdout: `Successfully registered the instance with AWS SSM using Managed instance-id: ${machine.nodeId}\n` };
  } catch (error) {
    return refuse(messageOf(error));
  }
}
