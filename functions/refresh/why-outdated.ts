import type { LaunchedFrom } from '../records/refresh-records.ts';
import type { CurrentLaunch, GroupServer } from '../shared/aws/group-servers.ts';
import type { LaunchTemplate } from '../shared/aws/signed/ec2-launches.ts';

const isNumber = (version: string): boolean => /^\d+$/.test(version);

/**
 * Why a server is outdated, as a clause. Undefined for a current server, and where launches cannot be compared: EC2 does not return the
 * image, a version is not a number, or a mixed group uses another template for this instance type.
 */
export function whyOutdated(
  { launchTemplate, imageId }: Pick<GroupServer, 'launchTemplate' | 'imageId'>,
  current: CurrentLaunch,
): string | undefined {
  const { id, version } = current.launchTemplate;
  if (!launchTemplate) return `it was launched from no launch template, and the group uses ${id}`;
  if (launchTemplate.id !== id) {
    return current.otherTemplateIds.includes(launchTemplate.id)
      ? undefined
      : `it was launched from ${launchTemplate.id}, and the group uses ${id}`;
  }
  if (isNumber(launchTemplate.version) && isNumber(version) && launchTemplate.version !== version) {
    return `launch template version ${launchTemplate.version}, and ${version} is current`;
  }
  if (imageId !== undefined && current.imageId?.startsWith('ami-') && imageId !== current.imageId) {
    return `image ${imageId}, and ${current.imageId} is current`;
  }
  return undefined;
}

export const describeTemplate = ({ id, version }: LaunchTemplate): string => `${id} version ${version}`;

/** What the refresh's record states about a server's launch. */
export const launchedFrom = ({ launchTemplate, imageId }: Pick<GroupServer, 'launchTemplate' | 'imageId'>): LaunchedFrom => ({
  ...(launchTemplate && { launchTemplate: describeTemplate(launchTemplate) }),
  ...(imageId !== undefined && { imageId }),
});
