import { describe, expect, it } from 'vitest';
import { CASE_NAMES } from '../../incidents/cases.ts';
import { CONFIDENCE } from '../../incidents/expectations.ts';
import key from '../../incidents/readers-key.json' with { type: 'json' };

describe('the key by which readers of the pages are judged', () => {
  it('has nine cases of the benchmark', () => {
    expect(CASE_NAMES).toEqual(expect.arrayContaining(Object.keys(key.cases)));
    expect(Object.keys(key.cases)).toHaveLength(9);
  });

  it('is as sure as the benchmark expects each page to be', () => {
    for (const [name, { sure }] of Object.entries(key.cases)) {
      if (CONFIDENCE[name] !== undefined) expect(sure, name).toBe(CONFIDENCE[name]);
    }
  });

  it('has an answer to each question', () => {
    for (const answers of Object.values(key.cases)) expect(Object.keys(answers)).toHaveLength(key.questions.length);
  });
});
