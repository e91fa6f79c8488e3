/** What a server answers of session attributes that were changed and not written, before it leaves the server. */
import { expect, it } from 'vitest';
import { unwrittenChanges } from '../../../functions/shared/unwritten.ts';
import { evaluate } from './run-python.ts';

const PROBE = { path: '/status', port: 9005, field: 'unwritten' };
const READ = `
def read(body):
    try:
        return unwritten_of(dict(unwritten=${JSON.stringify(PROBE)}), {(9005, "/status"): (200, json.dumps(body))})
    except ProbeError as error:
        return str(error)`;
/** What is read of each answer, in one process; or why it is not. */
const readEach = (answers: readonly unknown[]): Promise<unknown[]> =>
  evaluate(
    '[read(one) for one in given]',
    answers.map((unwritten) => ({ requests: 1, unwritten })),
    'unwritten',
    READ,
  );
const read = async (answer: unknown): Promise<unknown> => (await readEach([answer]))[0];
const REST = { requests: 0, of: 40, attributes: [], unserializable: [] };

it('are counts, and names as programs have them', async () => {
  const found = { requests: 3, of: 40, attributes: ['cart (java.util.ArrayList)', 'shop.Cart', '[B'], unserializable: ['shop.Plain$1'] };
  expect(await read(found)).toEqual(found);
  expect(unwrittenChanges.parse(await read(found))).toEqual(found);
});

it('have the changes that could not be written, and the sessions whose id is in URLs, where these are counts', async () => {
  const [shown, hidden] = [
    [
      { failed: 2 },
      ...[
        [2, 40],
        [0, 40],
      ].map(([sessions, of]) => ({ inUrls: { sessions, of } })),
    ],
    [
      ...[0, -1, '2', true].map((failed) => ({ failed })),
      ...[{ sessions: 0, of: 0 }, { sessions: 41, of: 40 }, { sessions: true, of: 40 }, [2, 40]].map((inUrls) => ({ inUrls })),
    ],
  ];
  const answers = await readEach([...shown, ...hidden].map((more) => ({ ...REST, ...more })));
  expect(answers).toEqual([...shown.map((more) => ({ ...REST, ...more })), ...hidden.map(() => REST)]);
  for (const answer of answers) expect(unwrittenChanges.parse(answer)).toEqual(answer);
});

it('have no text that steers a terminal or could be a user’s, and no more than ten names', async () => {
  const attributes = [
    '\u001b[31mred',
    'ann@example.com',
    'a b',
    'x'.repeat(300),
    7,
    'AKIAIOSFODNN7EXAMPLE',
    ...Array.from({ length: 12 }, (_, at) => `a${at}`),
  ];
  expect(await read({ requests: 1, of: 2, attributes, unserializable: 'x' })).toEqual({
    ...{ requests: 1, of: 2, unserializable: [] },
    attributes: Array.from({ length: 10 }, (_, at) => `a${at}`),
  });
});

it('are unknown of an answer without both counts', async () => {
  const counts = [
    { requests: -1, of: 2 },
    { requests: 3, of: 2 },
    { requests: true, of: 2 },
    { requests: 1.5, of: 2 },
  ];
  const answers = [7, {}, ...counts, []];
  expect(await readEach(answers)).toEqual(answers.map(() => 'unwritten has no counts requests and of'));
});

it('are none of a release that compares no sessions', async () => {
  expect(await evaluate('unwritten_of(given, dict())', {}, 'unwritten')).toBeNull();
});
