/** What Systems Manager does for an agent that registers: a managed node, with the session of its activation's role. */
import type { InstanceRoles } from '../instances/instance-role.ts';
import type { RegisterAgent } from '../interfaces.ts';
import type { Activations } from './activations.ts';
import type { MayReport } from './may-report.ts';

export interface RegisterOptions {
  readonly activations: Activations;
  readonly roles: Pick<InstanceRoles, 'activationSession'>;
  readonly mayReport: MayReport;
}

export function registerNode({ activations, roles, mayReport }: RegisterOptions): RegisterAgent {
  return async (activationId, activationCode) => {
    const registration = activations.register(activationId, activationCode);
    const { nodeId, iamRole } = registration;
    try {
      const session = await roles.activationSession(iamRole, nodeId);
      return { registration, environment: { ...session.environment }, mayReport: await mayReport(nodeId, session) };
    } catch (error) {
      activations.deregister(nodeId);
      throw error;
    }
  };
}
