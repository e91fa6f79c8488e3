/** Stored evidence of situations, judged: a third of them, and all in `npm run test:full`, which also collects all of it anew. */
import { globSync, statSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { FULL } from '../../../test/e2e/full-run.ts';
import { judge, type Result, summarize } from '../judge.ts';
import { judgeEvidence } from '../judge-evidence.ts';
import { differencesFromJudged } from '../judged.ts';
import { OWN, readCases } from '../read-situations.ts';
import { storedEvidence } from '../stored-evidence.ts';
import { differencesFromToday, readWrongToday } from '../wrong-today.ts';

const MOST_BYTES = 8_000_000;
/** As many as a person reads in half a minute. */
const MOST_WORDS = 120;
const files = await readCases(OWN);
/** The same in every run, of each file. */
const judged = files.map((file) => ({ file, situations: file.situations.filter((_, index) => FULL || index % 3 === 0) }));

describe('stored evidence', () => {
  it('is of every situation, and of no other', () => {
    for (const file of files) expect(Object.keys(storedEvidence(file))).toEqual(file.situations.map(({ name }) => name));
  });

  it('is small', () => {
    const folder = path.join(OWN, '../evidence');
    const stored = globSync('*', { cwd: folder });
    expect(stored).toHaveLength(files.length);
    expect(stored.reduce((sum, file) => sum + statSync(path.join(folder, file)).size, 0)).toBeLessThan(MOST_BYTES);
  });
});

describe('its judgement', () => {
  const results: Result[] = [];
  const words: number[] = [];
  beforeAll(async () => {
    for (const { file, situations } of judged) {
      const stored = storedEvidence(file);
      for (const situation of situations) {
        const evidence = stored[situation.name];
        if (evidence === undefined) continue;
        const { page, message } = await judgeEvidence(situation, evidence);
        results.push(judge(situation, page));
        words.push(message.text.split(/\s+/).length);
      }
    }
  }, 600_000);

  it('is the recorded one: npm run situations -- --accept records another', () => {
    expect(differencesFromJudged(results)).toEqual([]);
  });

  it("is as wrong as today's list has it, or as right", () => {
    expect(
      differencesFromToday(
        summarize(results),
        readWrongToday(),
        judged.flatMap(({ situations }) => situations),
      ),
    ).toEqual([]);
  });

  it('is in a message that is read at once: its words, commands included, in the middle of the situations', () => {
    expect(words.toSorted((one, other) => one - other)[Math.floor(words.length / 2)]).toBeLessThanOrEqual(MOST_WORDS);
  });
});
