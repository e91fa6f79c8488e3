/** Percent-encoding by RFC 3986, as signatures are computed: encodeURIComponent leaves `!'()*` alone. */
export const encodeUri = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

/** What a percent-encoding stands for; a text that is encoded otherwise stays as it is. */
export function decodeUri(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The URL in a text; null where there is none. The oldest Node.js that the package runs on has no `URL.parse`. */
export const parseUrl = (text: string, base?: string): URL | null => (URL.canParse(text, base) ? new URL(text, base) : null);
