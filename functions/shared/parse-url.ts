/** The URL in a text; null where there is none. As `URL.parse`, which the oldest Node.js that the package runs on does not have. */
export const parseUrl = (text: string, base?: string): URL | null => (URL.canParse(text, base) ? new URL(text, base) : null);
