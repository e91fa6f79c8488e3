/** Parses and evaluates the rule of a composite alarm: ALARM(), OK(), INSUFFICIENT_DATA(), AND, OR, NOT, TRUE, FALSE. */
import type { StateValue } from './judge-alarm.ts';

export type Rule =
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'state'; readonly state: StateValue; readonly alarm: string }
  | { readonly kind: 'not'; readonly operand: Rule }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Rule[] };

export class RuleError extends Error {
  override readonly name = 'RuleError';
}

const TOKEN = /\s*(?:(ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"([^"]*)"|'([^']*)'|([^()"']*?))\s*\)|(AND|OR|NOT|TRUE|FALSE)\b|([()]))/y;

type Token = { readonly state: StateValue; readonly alarm: string } | { readonly word: string };

/** `alarm` in the result is a name or an ARN. NOT binds tightest, then AND, then OR. @throws RuleError */
export function parseRule(source: string): Rule {
  const tokens = tokenize(source);
  let at = 0;
  const word = (): string | undefined => {
    const token = tokens[at];
    return token !== undefined && 'word' in token ? token.word : undefined;
  };

  const joined = (kind: 'and' | 'or', operand: () => Rule): Rule => {
    const operands = [operand()];
    while (word() === kind.toUpperCase()) {
      at += 1;
      operands.push(operand());
    }
    const [only] = operands;
    return operands.length === 1 && only !== undefined ? only : { kind, operands };
  };
  const disjunction = (): Rule => joined('or', conjunction);
  const conjunction = (): Rule => joined('and', primary);
  const primary = (): Rule => {
    const token = tokens[at];
    if (token === undefined) throw new RuleError('the rule ends too early');
    at += 1;
    if ('state' in token) return { kind: 'state', state: token.state, alarm: token.alarm };
    if (token.word === 'NOT') return { kind: 'not', operand: primary() };
    if (token.word === 'TRUE' || token.word === 'FALSE') return { kind: 'constant', value: token.word === 'TRUE' };
    if (token.word !== '(') throw new RuleError(`'${token.word}' was not expected`);
    const inner = disjunction();
    if (word() !== ')') throw new RuleError("')' was expected");
    at += 1;
    return inner;
  };

  const rule = disjunction();
  if (at < tokens.length) throw new RuleError(`'${word() ?? 'an alarm state'}' was not expected`);
  return rule;
}

function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  const scanner = new RegExp(TOKEN);
  const end = source.trimEnd().length;
  while (scanner.lastIndex < end) {
    const from = scanner.lastIndex;
    const match = scanner.exec(source);
    if (match === null) throw new RuleError(`'${source.slice(from).trim()}' cannot be read`);
    if (match[1] !== undefined) tokens.push({ state: match[1] as StateValue, alarm: match[2] ?? match[3] ?? match[4] ?? '' });
    else tokens.push({ word: match[5] ?? match[6] ?? '' });
  }
  return tokens;
}

/** Names and ARNs of the alarms in a rule. */
export function alarmsOf(rule: Rule): string[] {
  switch (rule.kind) {
    case 'constant':
      return [];
    case 'state':
      return [rule.alarm];
    case 'not':
      return alarmsOf(rule.operand);
    default:
      return rule.operands.flatMap(alarmsOf);
  }
}

/** An alarm that does not exist counts as INSUFFICIENT_DATA. */
export function holds(rule: Rule, stateOf: (alarm: string) => StateValue | undefined): boolean {
  switch (rule.kind) {
    case 'constant':
      return rule.value;
    case 'state':
      return (stateOf(rule.alarm) ?? 'INSUFFICIENT_DATA') === rule.state;
    case 'not':
      return !holds(rule.operand, stateOf);
    case 'and':
      return rule.operands.every((operand) => holds(operand, stateOf));
    case 'or':
      return rule.operands.some((operand) => holds(operand, stateOf));
  }
}
