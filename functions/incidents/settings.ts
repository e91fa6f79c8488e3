import { type Environment, required } from '../shared/environment.ts';
import type { MitigationName, Mode } from './contract/mitigations.ts';
import { INCIDENTS_ENV } from './contract/steps.ts';

/** The configuration's part `incidents`, as synthesis has checked it. */
export interface IncidentSettings {
  readonly mitigations: Readonly<Partial<Record<MitigationName, Mode>>>;
  readonly mitigationsPerHour: number;
  readonly coolDownMinutes: number;
  readonly quietMinutes: number;
  readonly pageMinutes: number;
}

/** @throws MissingEnvironment */
export const incidentSettingsFrom = (environment: Environment): IncidentSettings =>
  JSON.parse(required(environment, INCIDENTS_ENV.settings)) as IncidentSettings;

/** @throws MissingEnvironment */
export const fleetNamesFrom = (environment: Environment): readonly string[] =>
  JSON.parse(required(environment, INCIDENTS_ENV.fleetNames)) as string[];

/** @throws MissingEnvironment */
export const witnessedFleetsFrom = (environment: Environment): readonly string[] =>
  JSON.parse(required(environment, INCIDENTS_ENV.witnessedFleets)) as string[];
