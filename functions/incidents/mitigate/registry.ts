import type { Environment } from '../../shared/environment.ts';
import type { Mitigation, MitigationName } from '../contract/mitigations.ts';

/** Mitigations outside the VPC, by name. */
export function createMitigations(_environment: Environment): Partial<Record<MitigationName, Mitigation>> {
  return {};
}
