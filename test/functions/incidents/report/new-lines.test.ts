import { describe, expect, it } from 'vitest';
import { newLinesOf } from '../../../../functions/incidents/report/new-lines.ts';
import { rowOfLine } from '../../../../functions/incidents/report/next-steps.ts';
import { pageOf } from '../../../../functions/incidents/report/page.ts';
import { shortMessageOf } from '../../../../functions/incidents/report/short-message.ts';
import { textOf } from '../../../../functions/incidents/report/text.ts';
import { application, FROM_MS, evidence as healthy, SIGN_MS, server } from '../healthy-evidence.ts';
import { anInput } from './an-incident.ts';

const MINUTE_MS = 60_000;
/** @param minute that the first of the counts is of, before or after the first sign */
const form = (text: string, minute: number, counts: readonly number[], bad = true) => ({
  ...{ text, fromMs: Math.floor(SIGN_MS / MINUTE_MS) * MINUTE_MS + minute * MINUTE_MS, counts },
  ...(bad && { bad: true as const }),
});
type Form = ReturnType<typeof form>;
const evidenceOf = (...servers: readonly (readonly Form[] | undefined)[]) =>
  healthy({ servers: { servers: servers.map((forms, at) => server(`i-${at + 1}`, { application: application(forms && { forms }) })) } });

describe('log lines that are new', () => {
  it('are errors first, then those of several servers, with how often, where and since when', () => {
    const lines = newLinesOf(
      evidenceOf(
        [form('INFO cache is empty', 0, [900], false), form('ERROR no row', 1, [4, 0, 3])],
        [form('ERROR no answer', 0, [2]), form('INFO cache is empty', 0, [1], false)],
        [form('ERROR no answer', -1, [0, 5])],
      ),
    );
    expect(lines).toEqual({
      since: 'since 03:12 UTC',
      lines: [
        'ERROR no answer (7 times on 2 of 3 servers, first at 03:11)',
        'ERROR no row (7 times on i-1, first at 03:13)',
        'INFO cache is empty (901 times on 2 of 3 servers, first at 03:12)',
      ],
      first: 'ERROR no answer (7 times on 2 of 3 servers, first at 03:11)',
    });
  });

  it('decide a step where they are errors, and not where a pool says that it has started', () => {
    const started = evidenceOf([form('INFO HikariPool-1 - Start completed.', 0, [2], false)]);
    expect(rowOfLine(started)).toBeUndefined();
    const empty = evidenceOf([form('ERROR HikariPool-1 - Connection is not available', 0, [2])]);
    expect(rowOfLine(empty)?.text).toMatch(/own database/);
  });

  it('are not those that come as often as before, and are those that come far more often', () => {
    const chronic = Array.from({ length: 66 }, () => 3);
    const risen = chronic.map((count, at) => (at > 60 ? 90 : count));
    const since = (FROM_MS - SIGN_MS) / MINUTE_MS;
    expect(newLinesOf(evidenceOf([form('WARN again', since, chronic), form('WARN slow', since, risen)]))?.lines).toEqual([
      expect.stringMatching(/^WARN slow \(\d+ times on i-1, more than before\)$/),
    ]);
  });

  it('are said to be none only of logs that were read', () => {
    expect(newLinesOf(evidenceOf([], undefined))?.lines).toEqual(['None in the logs of 1 server.']);
    expect(newLinesOf(evidenceOf(undefined, undefined))).toBeUndefined();
    expect(newLinesOf(undefined)).toBeUndefined();
  });

  it('are at most five, and how many more there are', () => {
    const letters = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((letter) => form(`ERROR ${letter}`, 0, [1]));
    expect(newLinesOf(evidenceOf(letters))?.lines.slice(-1)).toEqual(['2 more']);
  });

  it('are on the page, and one of them in the message', () => {
    const page = pageOf({ ...anInput(), evidence: evidenceOf([form('ERROR no answer', 0, [2]), form('ERROR no row', 0, [1])]) });
    expect(textOf(page)).toMatch(/^NEW LOG LINES {3}ERROR no answer \(2 times on i-1, first at 03:12\)\n {16}ERROR no row/m);
    const { message } = shortMessageOf(page, 'show');
    expect(message).toContain('\nNew in the logs: ERROR no answer (2 times on i-1, first at 03:12)\n');
  });
});
