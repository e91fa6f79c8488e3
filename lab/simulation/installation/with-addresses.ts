import { ENV, membersText } from '../../../functions/deploy/contract/environment.ts';
import { addressOf } from '../cloud/addresses.ts';
import type { Installation } from './installation.ts';
import { withSettings } from './with-settings.ts';

const DELAY = 'deregistration_delay.timeout_seconds';

/**
 * The installation of a fleet whose members are addresses that its configuration lists: its functions know no Auto Scaling group, and its target
 * group takes an address again only after the deregistration delay.
 */
export function withAddresses(installation: Installation, instanceIds: readonly string[], delaySeconds: number): Installation {
  const { targetGroup, functions } = installation;
  const members = instanceIds.map((instanceId) => ({ instanceId, target: { id: addressOf(instanceId), port: targetGroup.port } }));
  const listed = Object.entries(functions).map(([name, one]) => {
    const { [ENV.autoScalingGroupName]: _, ...environment } = one.environment;
    return [name, { ...one, environment: { ...environment, [ENV.members]: membersText(members) } }];
  });
  return withSettings(
    {
      ...installation,
      functions: Object.fromEntries(listed) as Installation['functions'],
      targetGroup: {
        ...targetGroup,
        ofAddresses: true,
        deregistrationDelaySeconds: delaySeconds,
        attributes: { ...targetGroup.attributes, [DELAY]: String(delaySeconds) },
      },
    },
    { deregistrationDelaySeconds: delaySeconds },
  );
}
