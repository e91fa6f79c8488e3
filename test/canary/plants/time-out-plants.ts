/** Weaknesses that only time shows. */
import type { Plant } from '../front.ts';
import { idOfAnswer } from './aliases.ts';
import type { MakePlant } from './plants.ts';

const TOUCH_MS = 1_000;
const SHORT_AGE_SECONDS = 5;

/** Uses every session in the background, as a page that polls does. */
const touchAll: MakePlant = (cookie, send): Plant => {
  const ids = new Set<string>();
  const request = { method: 'GET', path: '/count', headers: { accept: 'application/json' }, otherCookies: [], body: '' };
  const timer = setInterval(() => {
    for (const id of ids) void send({ ...request, id }).catch(() => undefined);
  }, TOUCH_MS);
  return {
    answer(answer) {
      const id = idOfAnswer(answer, cookie);
      if (id !== undefined) ids.add(id);
    },
    stop: () => clearInterval(timer),
  };
};

export const TIME_OUT_PLANTS = {
  'no-idle-end': touchAll,
  'ends-while-active': () => ({
    answer(answer) {
      answer.setCookies = answer.setCookies.map((line) => `${line}; Max-Age=${SHORT_AGE_SECONDS}`);
    },
  }),
} as const satisfies Readonly<Record<string, MakePlant>>;
