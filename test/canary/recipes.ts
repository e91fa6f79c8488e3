/** The recipe of the examples, which have the same paths. */
import { type Recipe, recipeSchema } from '../../functions/canary/contract/recipe.ts';

export const USERS = { 'canary-anna': 'correct-horse-battery-1', 'canary-ben': 'correct-horse-battery-2' } as const;

/** @param run gives users of their own to runs that go on at the same time */
export const recipeOf = ({ httpUrl, run, ...more }: { httpUrl: string; run?: string } & Partial<Recipe>): Recipe => {
  const [anna, ben] = Object.keys(USERS).map((name) => (run === undefined ? name : `${name}.${run}`));
  return recipeSchema.parse({
    users: {
      a: { name: anna, password: { environment: 'CANARY_A' } },
      b: { name: ben, password: { environment: 'CANARY_B' } },
    },
    login: [{ post: '/login', json: { user: '{name}', password: '{password}' }, headers: { accept: 'application/json' } }],
    who: { get: '/count', headers: { accept: 'application/json' } },
    logout: [{ post: '/logout', headers: { accept: 'application/json' } }],
    slow: [{ get: '/count?ms=400', headers: { accept: 'application/json' } }],
    server: { json: 'server' },
    http: httpUrl,
    ...more,
  });
};
