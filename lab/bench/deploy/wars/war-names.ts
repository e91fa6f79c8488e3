/** The cases of `--wars`. */
export const WAR_NAMES = [
  'wicket-9',
  'wicket-9-advised-against',
  'wicket-9-refused',
  'shiro',
  'examples-10.1',
  'examples-9',
  'wicket-8',
  'wicket-6',
] as const;
export type WarName = (typeof WAR_NAMES)[number];
