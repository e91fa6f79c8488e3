import { expect, it } from 'vitest';
import { chooseFleet } from '../../cli/choose-place.ts';

const choose = (names: readonly string[], asked?: string) =>
  chooseFleet({ names, holder: 'The configuration', notOne: 'has several' }, asked);

it.each<[readonly string[], string | undefined, string, string]>([
  [['web'], 'shop', 'UnknownFleet', 'The configuration has no fleet shop. It has web. Choose one with --fleet.'],
  [['web', 'web-admin'], 'web-admins', 'UnknownFleet', 'It has web, web-admin. Did you mean web-admin? Choose one'],
  [['web', 'web-admin'], undefined, 'UnknownFleet', 'The configuration has several. It has web, web-admin.'],
  [[], 'web', 'NoFleet', 'The configuration has no fleet web, nor another one'],
])('of %j refuses %s with %s and what exists', (names, asked, code, message) => {
  expect(() => choose(names, asked)).toThrow(expect.objectContaining({ code, exitCode: 2, message: expect.stringContaining(message) }));
});

it('is the only one, or the one that was asked for', () => {
  expect([choose(['web']), choose(['web', 'web-admin'], 'web-admin')]).toEqual(['web', 'web-admin']);
});
