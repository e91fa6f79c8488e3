/** The credentials with which a machine calls AWS: a session of its instance profile's role, or of its activation's. */
import { GetInstanceProfileCommand, GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { type EmulatorAccess, emulatorClientOptions } from '../emulator/emulator-access.ts';

/** Names of an SDK's credentials in a machine's environment. */
export interface RoleEnvironment {
  readonly AWS_ACCESS_KEY_ID: string;
  readonly AWS_SECRET_ACCESS_KEY: string;
  readonly AWS_SESSION_TOKEN: string;
}

export interface InstanceSession {
  readonly roleArn: string;
  /** `arn:aws:sts::ACCOUNT:assumed-role/ROLE/INSTANCE`, as EC2 and Systems Manager name their sessions. */
  readonly sessionArn: string;
  readonly environment: RoleEnvironment;
}

export interface InstanceRoles {
  /**
   * A session that lasts as long as the emulator.
   * @param profile name or ARN of the instance profile
   * @throws Error when the profile has no role
   */
  session(profile: string, instanceId: string): Promise<InstanceSession>;
  /**
   * The same for a machine on premises.
   * @param role name of the role of its activation, which has to trust Systems Manager
   * @throws Error when it is not, or there is no such role
   * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/hybrid-multicloud-service-role.html
   */
  activationSession(role: string, nodeId: string): Promise<InstanceSession>;
  close(): void;
}

export function createInstanceRoles(emulator: EmulatorAccess): InstanceRoles {
  const config = emulatorClientOptions(emulator);
  const iam = new IAMClient(config);
  const sts = new STSClient(config);

  async function assume(roleArn: string, RoleSessionName: string): Promise<InstanceSession> {
    const { Credentials, AssumedRoleUser } = await sts.send(new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName }));
    return {
      roleArn,
      sessionArn: AssumedRoleUser?.Arn as string,
      environment: {
        AWS_ACCESS_KEY_ID: Credentials?.AccessKeyId as string,
        AWS_SECRET_ACCESS_KEY: Credentials?.SecretAccessKey as string,
        AWS_SESSION_TOKEN: Credentials?.SessionToken as string,
      },
    };
  }

  return {
    async session(profile, instanceId) {
      const name = profile.slice(profile.lastIndexOf('/') + 1);
      const { InstanceProfile } = await iam.send(new GetInstanceProfileCommand({ InstanceProfileName: name }));
      const roleArn = InstanceProfile?.Roles?.[0]?.Arn;
      if (roleArn === undefined) throw new Error(`instance profile ${name} has no role`);
      return assume(roleArn, instanceId);
    },
    async activationSession(role, nodeId) {
      const { Role } = await iam.send(new GetRoleCommand({ RoleName: role.slice(role.lastIndexOf('/') + 1) }));
      const trust = decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '');
      // The emulator lets root assume whatever any service may.
      if (!trust.includes('"ssm.amazonaws.com"')) throw new Error(`the role ${role} does not trust ssm.amazonaws.com`);
      return assume(Role?.Arn as string, nodeId);
    },
    close: () => {
      iam.destroy();
      sts.destroy();
    },
  };
}

/** The credentials of a machine, for the clients that act for its agent; undefined when it has no role. */
export function credentialsOf(environment: Readonly<Record<string, string>>) {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = environment;
  return accessKeyId && secretAccessKey && sessionToken ? { accessKeyId, secretAccessKey, sessionToken } : undefined;
}
