/** A canary as a configuration has it. */
export const canaryConfig = (more: object = {}, recipe: object = {}) => ({
  url: 'https://shop.example.com/',
  recipe: {
    users: {
      a: { name: 'canary-anna', password: { secret: 'shop/anna' } },
      b: { name: 'canary-ben', password: { secret: 'shop/ben' } },
    },
    login: [{ post: '/login', json: { user: '{name}', password: '{password}' } }],
    who: { get: '/account' },
    logout: [{ post: '/logout' }],
    policy: { sessionsPerUser: 3, idleSeconds: 1_800, absoluteSeconds: 43_200, sameSite: 'Strict' as const },
    ...recipe,
  },
  ...more,
});
