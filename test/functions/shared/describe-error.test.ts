import { expect, it } from 'vitest';
import { describeError } from '../../../functions/shared/errors.ts';

it.each([
  ["ERR unknown command 'hstrlen', with args beginning with: 'sess:SECRET' 'x' ", "Error: ERR unknown command 'hstrlen'"],
  ['ERR unknown command `hget`, with args beginning with: `sess:SECRET`, ', 'Error: ERR unknown command `hget`'],
  ["NOPERM this user has no permissions to run the 'get' command", "Error: NOPERM this user has no permissions to run the 'get' command"],
])('an error of the engine is described without the arguments that it quotes: %s', (message, described) => {
  expect(describeError(new Error(message))).toBe(described);
});
