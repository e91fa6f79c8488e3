import { judgeZones, listed } from '../../installation/judge-zones.ts';
import { type Check, topic } from '../finding.ts';
import { known } from '../lookup.ts';

/** Whether the account has the zones that a created network has its subnets in. */
export const checkZones: Check = (facts, { region, zones }) => {
  const ofAccount = known(facts.zones);
  if (zones === undefined || ofAccount === undefined) return [];
  const about = topic('zones', region, 'Holdfast creates a network with subnets in these zones, and EC2 refuses one in another zone');
  const { missing, instead } = judgeZones(zones, ofAccount);
  if (missing.length === 0) return about.ok(`the account has the configured zones ${listed(zones)}`);
  const what = `the account does not have zone${missing.length > 1 ? 's' : ''} ${listed(missing)} of the configuration in ${region}: it has ${listed(ofAccount) || 'none'}`;
  if (instead.length < 2) return about.error(what, 'choose another Region: Holdfast needs two zones');
  return about.error(what, `set "zones": ${JSON.stringify(instead)} in the configuration`);
};
