/** What a fleet of CodeDeploy bundles cannot have, found before anything is deployed. Pure. */
import { bundleHealth } from './app-kind.ts';
import { type BrokenRule, collectBrokenRules } from './broken-rules.ts';
import { drainsSessions, type FleetConfig } from './fleet.ts';

const OWN_SERVICE = "does not apply to a fleet of bundles: it is for the service that Holdfast runs, and a bundle's scripts run their own";

export function bundleRules(fleet: FleetConfig): BrokenRule[] {
  const { broken, refuse } = collectBrokenRules();
  const { app } = fleet;
  if (app?.kind !== 'bundle') return broken;
  const { loadBalancer, status } = bundleHealth(app);
  const follows = [
    ['port', fleet.port, app.port],
    ['healthPath', fleet.healthPath, loadBalancer],
    ['healthStatus', fleet.healthStatus, status],
  ] as const;
  for (const [key, ofFleet, implied = ofFleet] of follows)
    if (ofFleet !== undefined && ofFleet !== implied)
      refuse(`is not the one of app (${implied}): remove it here, since it follows from app.${key}`, key);
  if (fleet.existing?.replacesService !== undefined)
    refuse(`${OWN_SERVICE}. Remove it: ApplicationStop of a bundle stops what runs`, 'existing', 'replacesService');
  if (fleet.environment !== undefined)
    refuse(
      `${OWN_SERVICE}. Remove it: a script of a bundle reads Secrets Manager itself, by a policy that you attach to the servers' role`,
      'environment',
    );
  if (fleet.incidents.criticalActions) refuse(`${OWN_SERVICE}. Remove it`, 'incidents', 'criticalActions');
  if (fleet.awsAccess === false)
    refuse('cannot be false in a fleet of bundles, whose scripts and service Holdfast keeps from nothing: remove it', 'awsAccess');
  if (fleet.strategy === 'tomcat-cluster')
    refuse(
      'needs app of kind tomcat: publishing cannot see whether the service of a bundle copies sessions. Set it to redis or sticky',
      'strategy',
    );
  const missing = [app.session === undefined ? 'app.session.cookie' : '', app.sessions === undefined ? 'app.sessions' : ''].filter(Boolean);
  if (drainsSessions(fleet) && missing.length > 0)
    refuse(
      `is sticky, and without ${missing.join(' and ')} a deploy can read neither the cookie and route of a server's sessions nor their number: set what is missing, or set deploy.sessionDrainSeconds to 0, and deploys end the sessions of each server`,
      'strategy',
    );
  return broken;
}
