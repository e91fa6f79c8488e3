/** The recipe of the examples, which have the same paths. */
import { type Recipe, recipeSchema } from '../../functions/canary/recipe/recipe.ts';

export const USERS = { 'canary-anna': 'correct-horse-battery-1', 'canary-ben': 'correct-horse-battery-2' } as const;

export const recipeOf = ({ httpUrl, ...more }: { httpUrl: string } & Partial<Recipe>): Recipe =>
  recipeSchema.parse({
    users: {
      a: { name: 'canary-anna', password: { environment: 'CANARY_A' } },
      b: { name: 'canary-ben', password: { environment: 'CANARY_B' } },
    },
    login: [{ post: '/login', json: { user: '{name}', password: '{password}' }, headers: { accept: 'application/json' } }],
    who: { get: '/count', headers: { accept: 'application/json' } },
    logout: [{ post: '/logout', headers: { accept: 'application/json' } }],
    slow: [{ get: '/count?ms=400', headers: { accept: 'application/json' } }],
    server: { json: 'server' },
    http: httpUrl,
    ...more,
  });
