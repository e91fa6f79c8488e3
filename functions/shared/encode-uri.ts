/** Percent-encoding by RFC 3986, as signatures are computed: encodeURIComponent leaves `!'()*` alone. */
export const encodeUri = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
