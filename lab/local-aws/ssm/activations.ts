/** Hybrid activations: how machines that are no EC2 instances become managed nodes. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { AgentRegistration, Now } from '../interfaces.ts';
import { AwsError } from '../service/service.ts';

export interface Activation {
  readonly activationId: string;
  readonly activationCode: string;
  readonly iamRole: string;
  readonly description: string;
  readonly defaultInstanceName: string;
  readonly registrationLimit: number;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  readonly tags: Readonly<Record<string, string>>;
  registrations: number;
}

export interface Activations {
  create(given: Omit<Activation, 'activationId' | 'activationCode' | 'createdAtMs' | 'registrations'>): Activation;
  /** What was registered with it stays a managed node. @throws AwsError InvalidActivationId */
  delete(activationId: string): void;
  list(): readonly Activation[];
  isExpired(activation: Activation): boolean;
  /** @throws AwsError InvalidActivation, InvalidActivationId */
  register(activationId: string, activationCode: string): AgentRegistration;
  /** @throws AwsError InvalidInstanceId */
  deregister(nodeId: string): void;
  node(nodeId: string): AgentRegistration | undefined;
}

/** @see https://docs.aws.amazon.com/systems-manager/latest/userguide/hybrid-activation-managed-nodes.html */
export function createActivations(now: Now): Activations {
  const activations = new Map<string, Activation>();
  const nodes = new Map<string, AgentRegistration>();
  const isExpired = (activation: Activation): boolean => now() >= activation.expiresAtMs;

  return {
    isExpired,
    create(given) {
      const activation: Activation = {
        ...given,
        activationId: randomUUID(),
        // Twenty characters, as AWS's; never a dash, which at its beginning would be taken for an option.
        activationCode: randomBytes(15).toString('base64'),
        createdAtMs: now(),
        registrations: 0,
      };
      activations.set(activation.activationId, activation);
      return activation;
    },
    delete(activationId) {
      if (!activations.delete(activationId)) throw unknown(activationId);
    },
    list: () => [...activations.values()],
    register(activationId, activationCode) {
      const activation = activations.get(activationId);
      if (activation === undefined) throw unknown(activationId);
      if (activation.activationCode !== activationCode) {
        throw new AwsError('InvalidActivation', `The activation code does not belong to the activation ${activationId}.`);
      }
      if (isExpired(activation)) {
        throw new AwsError(
          'InvalidActivation',
          `The activation ${activationId} expired at ${new Date(activation.expiresAtMs).toISOString()}.`,
        );
      }
      if (activation.registrations >= activation.registrationLimit) {
        throw new AwsError(
          'InvalidActivation',
          `The activation ${activationId} has reached its registration limit of ${activation.registrationLimit}.`,
        );
      }
      activation.registrations += 1;
      const node: AgentRegistration = {
        nodeId: `mi-${randomBytes(9).toString('hex').slice(0, 17)}`,
        activationId,
        iamRole: activation.iamRole,
        name: activation.defaultInstanceName,
        registeredAtMs: now(),
        tags: activation.tags,
        active: true,
      };
      nodes.set(node.nodeId, node);
      return node;
    },
    deregister(nodeId) {
      const node = nodes.get(nodeId);
      if (node === undefined) throw new AwsError('InvalidInstanceId', `The instance ID ${nodeId} is not valid.`);
      node.active = false;
      nodes.delete(nodeId);
    },
    node: (nodeId) => nodes.get(nodeId),
  };
}

const unknown = (activationId: string): AwsError =>
  new AwsError('InvalidActivationId', `The activation ID ${activationId} is not valid. Verify that you entered the correct ActivationId.`);
