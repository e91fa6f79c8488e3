/** The field "password" of a JSON object, or the whole text; undefined for an object without it. */
export function passwordIn(text: string): string | undefined {
  if (!text.trimStart().startsWith('{')) return text;
  try {
    const { password } = JSON.parse(text) as { password?: unknown };
    return typeof password === 'string' ? password : undefined;
  } catch {
    return undefined;
  }
}
