/** Fields of the XML that AWS's older services answer with: flat enough to be read without a parser. */

/** The text of the first element of this name, unescaped; undefined where there is none. */
export function fieldOf(xml: string, field: string): string | undefined {
  const text = new RegExp(`<${field}>([^<]*)</${field}>`).exec(xml)?.[1];
  return text?.replace(/&(lt|gt|quot|apos|#39|amp);/g, (_, name: string) => CHARACTERS[name] ?? '');
}

const CHARACTERS: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", '#39': "'", amp: '&' };
