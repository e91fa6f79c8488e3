import { expect, it } from 'vitest';
import { whyGoRefuses } from '../../ssm/go-pattern.ts';

// As Go 1.26 answers each of them.
it.each([
  ['^[a-z]{0,8192}$', 'invalid repeat count: {0,8192}'],
  ['^([a-z]{1,100}){0,11}$', 'invalid repeat count: {0,11}'],
  ['^([a-z]{501}){2}$', 'invalid repeat count: {2}'],
  ['((a{10}){10}){11}', 'invalid repeat count: {11}'],
  ['((a{20}){20}){3,}', 'invalid repeat count: {3,}'],
  ['^a{2000,}$', 'invalid repeat count: {2000,}'],
  ['^(?:a{1001})?$', 'invalid repeat count: {1001}'],
  ['^(?=a)b$', 'invalid or unsupported Perl syntax: (?='],
  ['^(?<!a)b$', 'invalid or unsupported Perl syntax: (?<!'],
  ['^(a)\\1$', 'invalid escape sequence: \\1'],
  ['\\cA', 'invalid escape sequence: \\c'],
  ['\\u0041', 'invalid escape sequence: \\u'],
  ['[\\b]', 'invalid escape sequence: \\b'],
  ['[^]', 'missing closing ]'],
])('%s is no regular expression of Go', (pattern, why) => {
  expect(() => new RegExp(pattern), 'one of JavaScript').not.toThrow();
  expect(whyGoRefuses(pattern)).toBe(why);
});

it.each([
  '^[a-z]{0,1000}$',
  '^([a-z]{1,100}){0,10}$',
  '^\\{2000\\}[{2000}]$',
  '^([a-z]{500}x{500}){2}$',
  '^(a{0}b{1000})$',
  '^(a{600}){0}$',
  'a{1000}?',
  '(?<x>a)',
  '^(a{20}){3,}$',
  '\\-\\/',
  '^[A-Za-z0-9_-]*$',
])('%s is one', (pattern) => {
  expect(whyGoRefuses(pattern)).toBeUndefined();
});
