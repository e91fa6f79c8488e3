/** What is wrong with a configuration whose single values are valid. */
export interface BrokenRule {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

export type Refuse = (message: string, ...path: (string | number)[]) => void;

/** A list and the function that adds to it, with paths below `part`. */
export function collectBrokenRules(...part: string[]): { readonly broken: BrokenRule[]; readonly refuse: Refuse } {
  const broken: BrokenRule[] = [];
  return { broken, refuse: (message, ...path) => broken.push({ path: [...part, ...path], message }) };
}

export const under = (part: readonly string[], rules: readonly BrokenRule[]): BrokenRule[] =>
  rules.map((rule) => ({ ...rule, path: [...part, ...rule.path] }));
