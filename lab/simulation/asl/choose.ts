import type { ChoiceState, Rule } from './definition.ts';
import { StateError } from './errors.ts';
import { find, read, type Scope } from './paths.ts';

/**
 * The state that a Choice leads to: of the first rule that is true.
 * @throws StateError States.Runtime where a comparison's variable is missing; States.NoChoiceMatched without a Default
 */
export function choose({ Choices, Default }: ChoiceState, scope: Scope): string {
  const next = Choices.find((choice) => isTrue(choice, scope))?.Next ?? Default;
  if (next === undefined) throw new StateError('States.NoChoiceMatched', 'Failed to transition: no choice rule matched');
  return next;
}

function isTrue(rule: Rule, scope: Scope): boolean {
  if ('And' in rule) return rule.And.every((part) => isTrue(part, scope));
  if ('Or' in rule) return rule.Or.some((part) => isTrue(part, scope));
  if ('Not' in rule) return !isTrue(rule.Not, scope);
  // The one test for which a missing variable is no error.
  if ('IsPresent' in rule) return (find(rule.Variable, scope) !== undefined) === rule.IsPresent;
  // A value of another type is not equal, which is no error either.
  return read(rule.Variable, scope) === ('StringEquals' in rule ? rule.StringEquals : rule.BooleanEquals);
}
