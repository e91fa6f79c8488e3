/** The URL in a text; null where there is none. The oldest Node.js that the package runs on has no `URL.parse`. */
export const parseUrl = (text: string, base?: string): URL | null => (URL.canParse(text, base) ? new URL(text, base) : null);
