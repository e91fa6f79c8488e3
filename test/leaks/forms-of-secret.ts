/** The ways in which a text that a program wrote may hold a secret. Pure. */

/** Shorter values are in texts by chance. */
export const SHORTEST = 12;

/** @returns the secret as it is, in JSON, in JSON within JSON, in a URL, in XML, in hex, and in base64 at each of three offsets */
export function formsOf(secret: string): readonly string[] {
  const inJson = JSON.stringify(secret).slice(1, -1);
  const bytes = Buffer.from(secret);
  return [
    ...new Set([
      secret,
      inJson,
      JSON.stringify(inJson).slice(1, -1),
      encodeURIComponent(secret),
      // As RFC 3986 has it: AWS encodes these too.
      encodeURIComponent(secret).replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`),
      secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
      secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;'),
      bytes.toString('hex'),
      ...[0, 1, 2].flatMap((offset) => inBase64(bytes, offset)),
    ]),
  ];
}

/** What base64 makes of the secret when `offset` bytes are before it: without the letters that depend on what surrounds it. */
function inBase64(bytes: Buffer, offset: number): readonly string[] {
  const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
  const first = Math.ceil((offset * 8) / 6);
  const last = Math.floor(((offset + bytes.length) * 8) / 6);
  const certain = text.slice(first, last);
  return [certain, certain.replaceAll('+', '-').replaceAll('/', '_')];
}
