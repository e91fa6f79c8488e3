import { type CallSigned, fieldOf, queryCalls } from './signed-calls.ts';

export interface LaunchTemplate {
  readonly id: string;
  /** A number; `$Latest` or `$Default` where Auto Scaling does not resolve them. */
  readonly version: string;
}

/** What EC2 knows of launches, by its Query API: the SDK's client of EC2 is larger than a whole function may be. */
export interface Ec2Launches {
  /** A version of a launch template by its number, `$Latest` or `$Default`. Undefined when EC2 returns none. */
  templateVersion(template: {
    readonly id?: string | undefined;
    readonly name?: string | undefined;
    readonly version: string;
  }): Promise<(LaunchTemplate & { readonly imageId?: string }) | undefined>;
  /** Images of existing instances, by instance id. */
  imagesOf(instanceIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

/** Values that a filter takes at most. */
const MOST_VALUES = 200;
const VERSION = '2016-11-15';

/** @throws AwsServiceError named by EC2's error code */
export function ec2Launches(call: CallSigned): Ec2Launches {
  const query = queryCalls(call, VERSION);
  return {
    async templateVersion({ id, name, version }) {
      const named: Record<string, string> = id === undefined ? { LaunchTemplateName: name ?? '' } : { LaunchTemplateId: id };
      const answer = await query('DescribeLaunchTemplateVersions', { ...named, 'LaunchTemplateVersion.1': version });
      const [found, number, imageId] = ['launchTemplateId', 'versionNumber', 'imageId'].map((field) => fieldOf(answer, field));
      if (found === undefined || number === undefined) return undefined;
      return { id: found, version: number, ...(imageId !== undefined && { imageId }) };
    },
    async imagesOf(instanceIds) {
      const ids = instanceIds.slice(0, MOST_VALUES);
      if (ids.length === 0) return new Map();
      // A filter, so that an instance that no longer exists is not an error.
      const values = ids.map((id, index) => [`Filter.1.Value.${index + 1}`, id] as const);
      const answer = await query('DescribeInstances', { 'Filter.1.Name': 'instance-id', ...Object.fromEntries(values) });
      // Each instance begins with its id, and its image follows.
      const instances = answer.split('<instanceId>').slice(1);
      return new Map(
        instances.flatMap((text) => {
          const imageId = fieldOf(text, 'imageId');
          return imageId === undefined ? [] : [[text.slice(0, text.indexOf('<')), imageId] as const];
        }),
      );
    },
  };
}
