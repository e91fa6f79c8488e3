import { describe, expect, test } from 'vitest';
import { accessStringTokens } from '../../../elasticache/access/access-control.ts';
import { unknownCommands, withoutUnknown } from '../../../elasticache/access/known-commands.ts';

const KNOWN = new Set(['get', 'select', 'client', 'client|list', 'info']);

describe('commands that an engine does not know', () => {
  test.each([
    ['on ~* &* +@all -@dangerous', []],
    ['on ~* +get +INFO -client +client|list +select|0', []],
    ['on ~* +client|no-touch', ['client|no-touch']],
    ['on ~* +waitaof -nothing', ['waitaof', 'nothing']],
    ['on (~x +get +waitaof) %R~y', ['waitaof']],
    ['on ~+waitaof &-nothing', []],
  ])('%s', (accessString, unknown) => {
    expect(unknownCommands(accessStringTokens(accessString), KNOWN)).toEqual(unknown);
  });

  test('are left out, in selectors too', () => {
    const tokens = accessStringTokens('on ~* +get +client|no-touch (~x +waitaof +info)');
    expect(withoutUnknown(tokens, KNOWN)).toEqual(['on', '~*', '+get', '(~x +info)']);
  });
});
