/** What a server answers of session attributes that were changed and not written, before it leaves the server. */
import { expect, it } from 'vitest';
import { unwrittenChanges } from '../../../functions/shared/unwritten.ts';
import { evaluate } from './run-python.ts';

const PROBE = { path: '/status', port: 9005, field: 'unwritten' };
const READ = `(lambda body: unwritten_of(dict(unwritten=${JSON.stringify(PROBE)}), {(9005, "/status"): (200, json.dumps(body))}))`;

async function read(unwritten: unknown): Promise<unknown> {
  return evaluate(`${READ}(given)`, { requests: 1, unwritten }, 'unwritten').catch(
    (error: Error) => /ProbeError: (.*)/.exec(error.message)?.[1],
  );
}

it('are counts, and names as programs have them', async () => {
  const found = { requests: 3, of: 40, attributes: ['cart (java.util.ArrayList)', 'shop.Cart', '[B'], unserializable: ['shop.Plain$1'] };
  expect(await read(found)).toEqual(found);
  expect(unwrittenChanges.parse(await read(found))).toEqual(found);
});

it.each([
  [2, { failed: 2 }],
  [0, {}],
  [-1, {}],
  ['2', {}],
  [true, {}],
])('have the changes that could not be written, of %j', async (failed, shown) => {
  const rest = { requests: 0, of: 40, attributes: [], unserializable: [] };
  const answer = await read({ ...rest, failed });
  expect(answer).toEqual({ ...rest, ...shown });
  expect(unwrittenChanges.parse(answer)).toEqual(answer);
});

it.each([
  [{ sessions: 2, of: 40 }, true],
  [{ sessions: 0, of: 40 }, true],
  [{ sessions: 0, of: 0 }, false],
  [{ sessions: 41, of: 40 }, false],
  [{ sessions: true, of: 40 }, false],
  [[2, 40], false],
])('have the sessions whose id is in URLs, of %j', async (inUrls, isShown) => {
  const rest = { requests: 0, of: 40, attributes: [], unserializable: [] };
  const answer = await read({ ...rest, inUrls });
  expect(answer).toEqual({ ...rest, ...(isShown && { inUrls }) });
  expect(unwrittenChanges.parse(answer)).toEqual(answer);
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

it.each([[7], [{}], [{ requests: -1, of: 2 }], [{ requests: 3, of: 2 }], [{ requests: true, of: 2 }], [{ requests: 1.5, of: 2 }], [[]]])(
  'are unknown of an answer like %j',
  async (answer) => {
    expect(await read(answer)).toBe('unwritten has no counts requests and of');
  },
);

it('are none of a release that compares no sessions', async () => {
  expect(await evaluate('unwritten_of(given, dict())', {}, 'unwritten')).toBeNull();
});
