/**
 * A document whose script has other times: what its tests wait for, they need not wait for that long.
 * @param edits what each text of the script becomes
 * @throws Error for a text that the script does not have
 */
export function changedDocument(content: object, edits: Readonly<Record<string, string>>): object {
  let text = JSON.stringify(content);
  for (const [from, to] of Object.entries(edits)) {
    // A whole line.
    if (!text.includes(`"${from}"`)) throw new Error(`the document has no line ${from}`);
    text = text.replace(`"${from}"`, `"${to}"`);
  }
  return JSON.parse(text) as object;
}
