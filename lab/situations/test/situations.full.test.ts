import { expect, it } from 'vitest';
import { judge, summarize } from '../judge.ts';
import { OWN, readSituations } from '../read-situations.ts';
import { runSituation } from '../run-situation.ts';
import { differencesFromToday, readWrongToday } from '../wrong-today.ts';

it("only today's are certain and wrong, or deny that users are hurt", { timeout: 900_000 }, async () => {
  const own = await readSituations(OWN);
  const results = [];
  for (const situation of own) results.push(judge(situation, (await runSituation(situation)).page));
  expect(differencesFromToday(summarize(results), readWrongToday(), own)).toEqual([]);
});
