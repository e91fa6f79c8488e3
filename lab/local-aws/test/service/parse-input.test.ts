import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { flag, inputParser, instant, list, page, real, requiredText, tagList, text, whole } from '../../service/parse-input.ts';
import { AwsError } from '../../service/service.ts';

const parseInput = inputParser({
  missing: (parameter) => new AwsError('Missing', parameter),
  invalid: (parameter, value, constraint) => new AwsError('Invalid', `${parameter} ${JSON.stringify(value)} ${constraint}`),
});
const read = (schema: z.ZodType, Value: unknown): unknown => parseInput(z.object({ Value: schema }), { Value }).Value;

describe('a scalar', () => {
  it.each<[string, z.ZodType, unknown, unknown]>([
    ['text', text, '', ''],
    ['a number of a template as text', text, 8080, '8080'],
    ['a boolean of a template as text', text, true, 'true'],
    ['required text', requiredText, 'web', 'web'],
    ['true', flag, 'true', true],
    ['1', flag, '1', true],
    ['false', flag, 'false', false],
    ['0', flag, '0', false],
    ['a boolean', flag, false, false],
    ['digits', whole(1, 9), '7', 7],
    ['a number', whole(), 7, 7],
    ['a decimal', real, '-1.5e1', -15],
    ['seconds since the epoch', instant, 2, 2000],
    ['seconds since the epoch as text', instant, '2.5', 2500],
    ['an ISO 8601 time', instant, '1970-01-01T00:00:02Z', 2000],
    ['a date', instant, new Date(2000), 2000],
    ['nothing where it is optional', flag.optional(), undefined, undefined],
  ])('reads %s', (_title, schema, value, expected) => {
    expect(read(schema, value)).toEqual(expected);
  });

  it.each<[z.ZodType, unknown, object]>([
    [flag, 'True', { code: 'MalformedInput', message: 'boolean must follow xsd1.1 definition' }],
    [flag, 'FALSE', { code: 'MalformedInput', message: 'boolean must follow xsd1.1 definition' }],
    [flag, '', { code: 'MalformedInput', message: 'missing value for boolean type' }],
    [flag, undefined, { code: 'Missing', message: 'Value' }],
    [requiredText, ' ', { code: 'Invalid', message: 'Value " " must not be blank' }],
    [requiredText, undefined, { code: 'Missing', message: 'Value' }],
    [whole(1, 9), '10', { code: 'Invalid', message: 'Value "10" must be between 1 and 9' }],
    [whole(1), '0', { code: 'Invalid', message: 'Value "0" must be at least 1' }],
    [whole(), '1.5', { code: 'Invalid', message: 'Value "1.5" must be a whole number' }],
    [whole(), '', { code: 'Invalid', message: 'Value "" must be a whole number' }],
    [real, 'many', { code: 'Invalid', message: 'Value "many" must be a number' }],
    [instant, 'yesterday', { code: 'Invalid', message: 'Value "yesterday" must be a timestamp' }],
  ])('refuses %#', (schema, value, error) => {
    expect(() => read(schema, value)).toThrow(expect.objectContaining(error));
  });
});

describe('a list', () => {
  it('is empty when the Query protocol sends empty text', () => {
    expect(read(list(text), '')).toEqual([]);
  });

  it('names the item that is wrong', () => {
    const tags = [{ Key: 'a' }, { Value: 'b' }];
    expect(() => read(tagList, tags)).toThrow(expect.objectContaining({ code: 'Missing', message: 'Value.1.Key' }));
  });
});

describe('a page', () => {
  it('ends with the token of the next one, and the last page has none', () => {
    expect(page(['a', 'b', 'c'], undefined, 2)).toEqual({ items: ['a', 'b'], nextToken: { NextToken: '2' } });
    expect(page(['a', 'b', 'c'], '2', 2)).toEqual({ items: ['c'], nextToken: {} });
  });

  it.each(['x', '-1', '1.5'])('refuses the token %s', (token) => {
    expect(() => page([], token, 2)).toThrow(expect.objectContaining({ code: 'InvalidNextToken' }));
  });
});
