/**
 * Machines that are no part of AWS: servers on premises, each with an address of its own network. Starting one is not an
 * operation of AWS's, so it is one of a service of the local cloud's own. To become a managed node the machine's user
 * data runs `amazon-ssm-agent -register -code CODE -id ID -region REGION` with an activation of Systems Manager's.
 */
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import path from 'node:path';
import { z } from 'zod';
import { type Instances, newMachineDigits } from '../instances/instances.ts';
import { parseOr } from '../service/parse-input.ts';
import { AwsError, type LocalService } from '../service/service.ts';

export const SIGNING_NAME = 'holdfast-on-premises';

/** The ranges that a load balancer takes addresses outside its VPC from: RFC 1918 and RFC 6598. */
const PRIVATE = /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/;

const startInput = z.object({
  Name: z.string().min(1).max(128),
  IpAddress: z.string().refine((address) => isIP(address) === 4 && PRIVATE.test(address), 'is not a private IPv4 address'),
  /** A script, run as the machine boots. */
  UserData: z.string().max(65_536).default(''),
});
const oneInput = z.object({ MachineId: z.string() });

const NOT_EMULATED = ['On-premises servers are machines of the local cloud outside any VPC; VPN and Direct Connect do not exist.'] as const;

export function createOnPremises(machines: Pick<Instances, 'launch' | 'terminate' | 'describe' | 'list'>): LocalService {
  return {
    title: 'on premises',
    signingNames: [SIGNING_NAME],
    protocol: { kind: 'json', version: '1.1' },
    operations: {
      /** Answers when the user data has ended; `NodeId` is what it registered itself as. */
      StartMachine: async (input) => {
        const { Name, IpAddress, UserData } = parseOr('ValidationException', startInput, input);
        const machine = await machines.launch({
          instanceId: `m-${newMachineDigits()}`,
          privateIp: IpAddress,
          userData: UserData,
          tags: {},
          imageId: '',
          instanceType: '',
          availabilityZone: '',
          name: Name,
        });
        const { exitCode } = await machine.booted;
        if (exitCode !== 0) {
          const output = await bootLog(machines.describe().find(({ instanceId }) => instanceId === machine.instanceId)?.folder);
          await machines.terminate(machine.instanceId);
          throw new AwsError('StartFailed', `${Name} did not start: its user data ended with ${exitCode ?? 'a signal'}: ${output}`);
        }
        const node = machines.list().find(({ ipAddress }) => ipAddress === IpAddress);
        return { MachineId: machine.instanceId, IpAddress, ...(node && { NodeId: node.instanceId }) };
      },
      StopMachine: async (input) => {
        await machines.terminate(parseOr('ValidationException', oneInput, input).MachineId);
        return {};
      },
    },
    resourceTypes: {},
    notEmulated: NOT_EMULATED,
    // The machines end with all others.
    stop: async () => {},
  };
}

/** The end of the user data's output. */
async function bootLog(folder: string | undefined): Promise<string> {
  if (folder === undefined) return '';
  const text = await readFile(path.join(folder, 'var/log/cloud-init-output.log'), 'utf8').catch(() => '');
  return text.trim().slice(-500);
}
