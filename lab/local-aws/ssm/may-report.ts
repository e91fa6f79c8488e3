/** Whether Systems Manager knows a machine: its agent reports it with the machine's role. */
import type { AccessControl } from '../iam/access-control.ts';
import type { InstanceSession } from '../instances/instance-role.ts';
import type { Log } from '../interfaces.ts';

export interface ReportOptions {
  readonly access: Pick<AccessControl, 'permit'>;
  readonly log: Log;
}

/** False, with the reason in the log, for an agent whose role may not report it, and for one without a role. Never throws. */
export type MayReport = (nodeId: string, session: InstanceSession | undefined) => Promise<boolean>;

export const agentReports =
  ({ access, log }: ReportOptions): MayReport =>
  async (nodeId, session) => {
    try {
      if (!session) throw new Error('it has no instance profile');
      const principal = { arn: session.sessionArn, policySourceArn: session.roleArn };
      await access.permit(principal, 'ssm:UpdateInstanceInformation', [{ resource: '*' }]);
      return true;
    } catch (error) {
      log(`${nodeId} the agent is not registered: ${(error as Error).message}`);
      return false;
    }
  };
