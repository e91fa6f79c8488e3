import type { Json } from '../json.ts';
import type { Row } from '../row.ts';
import { PAGES, RECORDINGS, SPECIFICATION } from '../sources.ts';
import { pass } from './parts.ts';

/** Names the first rule that is true. */
const choosing = (rules: Readonly<Record<string, object>>) => () => ({
  states: {
    Choose: { Type: 'Choice', Choices: Object.entries(rules).map(([Next, rule]) => ({ ...rule, Next })), Default: 'None' },
    ...Object.fromEntries([...Object.keys(rules), 'None'].map((name) => [name, pass({ Result: name })])),
  },
});
const chosen = (name: string): readonly Json[] => [{ status: 'SUCCEEDED', output: name }];
const IS_STORE_KNOWN = { Variable: '$.store', IsPresent: true };
const FAILED_OVER = { Variable: '$.store.failedOver', BooleanEquals: true };

/** Choice: rules, and what a missing value is. */
export const CHOICE_ROWS: readonly Row[] = [
  {
    name: 'first-true-rule',
    fact: 'A Choice leads where its first true rule does; the rules after it are not evaluated.',
    sources: [PAGES.choiceRules],
    covers: ['state Choice', 'field Choice.Choices', 'operator StringEquals', 'operator BooleanEquals', 'variable $.a'],
    machines: {
      main: choosing({
        First: { Variable: '$.verdict', StringEquals: 'WAIT' },
        Second: { Variable: '$.verdict', StringEquals: 'DONE' },
        Third: { Variable: '$.mayFail', BooleanEquals: true },
      }),
    },
    input: { verdict: 'DONE', mayFail: true },
    must: chosen('Second'),
  },
  {
    name: 'no-rule-true',
    fact: 'It leads to Default when no rule is true.',
    sources: [PAGES.choice],
    covers: ['field Choice.Default', 'operator StringEquals'],
    machines: { main: choosing({ First: { Variable: '$.verdict', StringEquals: 'WAIT' } }) },
    input: { verdict: 'DONE' },
    must: chosen('None'),
  },
  {
    name: 'rules-of-rules',
    fact: 'And, Or and Not take rules, nested as well.',
    sources: [PAGES.choiceRules],
    covers: ['operator And', 'operator Or', 'operator Not', 'variable $.a.b'],
    machines: {
      main: choosing({
        First: { And: [{ Variable: '$.a.verdict', StringEquals: 'DONE' }, { Not: { Variable: '$.mayFail', BooleanEquals: true } }] },
        Second: {
          Or: [
            { Variable: '$.a.verdict', StringEquals: 'WAIT' },
            { Variable: '$.mayFail', BooleanEquals: true },
          ],
        },
      }),
    },
    input: { a: { verdict: 'DONE' }, mayFail: true },
    must: chosen('Second'),
  },
  {
    name: 'missing-variable',
    fact: 'A rule that compares a value which is not there fails the execution with States.Runtime, even with a Default.',
    sources: [PAGES.choiceOf2023, SPECIFICATION.dataTests],
    notOnPages:
      'The guide of 2023 documents that the execution fails, and the specification that IsPresent raises no error; the present guide only shows IsPresent before a comparison. Neither AWS’s pages nor a recording name States.Runtime: users report it, with the cause “The choice state’s condition path references an invalid value”.',
    emulatorAlone: 'the missing value is null, and the rule false',
    covers: ['operator StringEquals'],
    machines: { main: choosing({ First: { Variable: '$.verdict', StringEquals: 'DONE' } }) },
    input: {},
    must: [{ status: 'FAILED', error: 'States.Runtime' }],
  },
  {
    name: 'presence-first',
    fact: 'And stops at its first part that is false: IsPresent before a comparison keeps a missing value from being an error.',
    sources: [PAGES.choiceRules, SPECIFICATION.booleans],
    covers: ['operator And', 'operator IsPresent', 'operator BooleanEquals'],
    machines: { main: choosing({ First: { And: [IS_STORE_KNOWN, FAILED_OVER] } }) },
    input: {},
    must: chosen('None'),
  },
  {
    name: 'absence-first',
    fact: 'Or stops at its first part that is true: the absence of a value before a comparison with it is enough.',
    sources: [PAGES.choiceRules, SPECIFICATION.booleans],
    covers: ['operator Or', 'operator Not', 'operator IsPresent'],
    machines: { main: choosing({ First: { Or: [{ Not: IS_STORE_KNOWN }, FAILED_OVER] } }) },
    input: {},
    must: chosen('First'),
  },
  {
    name: 'null-is-present',
    fact: 'IsPresent is true for a value that is null: it is there.',
    sources: [PAGES.choiceRules, SPECIFICATION.dataTests, RECORDINGS.presence],
    notOnPages: 'The specification defines IsPresent as false where the path matches nothing. The recording shows that null is a match.',
    emulatorAlone: 'null is absent',
    covers: ['operator IsPresent'],
    machines: { main: choosing({ First: IS_STORE_KNOWN }) },
    input: { store: null },
    must: chosen('First'),
  },
  {
    name: 'other-type',
    fact: 'A comparison with a value of another type is false, and no error.',
    sources: [PAGES.choiceRules, RECORDINGS.texts, RECORDINGS.booleans],
    covers: ['operator StringEquals', 'operator BooleanEquals'],
    machines: {
      main: choosing({ First: { Variable: '$.number', StringEquals: '1' }, Second: { Variable: '$.text', BooleanEquals: true } }),
    },
    input: { number: 1, text: 'true' },
    must: chosen('None'),
  },
];
