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
