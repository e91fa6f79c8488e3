/** The text with a capital at its beginning. */
export const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

/** `store-alarms` as `StoreAlarms`, the way constructs are named. */
export const pascalCase = (name: string): string => name.replaceAll(/(^|-)([a-z])/g, (_, __, letter: string) => letter.toUpperCase());
