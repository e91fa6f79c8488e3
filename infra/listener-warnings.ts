/** Warnings at synthesis about the rule that Holdfast adds to an existing listener. Pure. */
import { MOST_VALUES_OF_A_CONDITION } from '../functions/incidents/contract/environment.ts';
import type { FleetConfig } from './config/fleet.ts';
import type { Warning } from './strategy-warnings.ts';

/**
 * A condition with more values than AWS documents. It is no error: users report that AWS accepts up to five, the maximum of a rule.
 * @param name the fleet's name in the configuration
 */
export function listenerWarnings(name: string, { existing = {} }: FleetConfig): Warning[] {
  const { hosts = [], paths = [] } = existing.listenerRule ?? {};
  return Object.entries({ hosts, paths })
    .filter(([, values]) => values.length > MOST_VALUES_OF_A_CONDITION)
    .map(([key, values]) => ({
      id: 'holdfast:listener-condition-has-many-values',
      message: `fleets.${name}.existing.listenerRule.${key} has ${values.length} values, and AWS documents ${MOST_VALUES_OF_A_CONDITION} for a condition of a listener rule: if AWS refuses more, "cdk deploy" fails at this rule and rolls its stack back. Merge them with wildcards (*.example.com, /shop/*), or create the target group and its rules yourself and name it in existing.targetGroupArn.`,
    }));
}
