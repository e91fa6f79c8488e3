import type { Place } from '../../functions/incidents/report/incident-page.ts';
import type { Cloud } from '../cloud.ts';

/** Where the commands of an incident's page work, and where its links lead: the cloud that it was read from. */
export const placeOfCloud = ({ installation, region, local, fleet, awsOptions, console, awsEnvironment }: Cloud): Place => ({
  installation,
  region,
  local,
  fleets: [fleet],
  awsOptions,
  ...(console !== undefined && { console }),
  awsEnvironment,
});
