/** What the packed scripts of documents and of user data are. */
import { gunzipSync } from 'node:zlib';
import { packed } from '../../../server/documents/join-python.ts';

const PACKED = /H4sI[A-Za-z0-9+/]+=*/;

const unpack = (text: string): string => {
  const found = PACKED.exec(text)?.[0];
  if (found === undefined) throw new Error('nothing is packed in this text');
  return gunzipSync(Buffer.from(found, 'base64')).toString('utf8');
};

/** A document's Python. */
export function scriptOf(content: object, step: string): string {
  const { mainSteps } = content as { mainSteps: { name: string; inputs: { runCommand?: string[] } }[] };
  return unpack(mainSteps.find(({ name }) => name === step)?.inputs.runCommand?.join('\n') ?? '');
}

/** User data with its script in place of the packed one. */
export const plainUserData = (userData: string): string => userData.replace(/^script=.*\neval .*$/m, () => unpack(userData));

/**
 * A document whose script has other times: what its tests wait for, they need not wait for that long.
 * @param edits what each line of the script becomes
 * @throws Error for a line that the script does not have
 */
export function changedDocument(content: object, edits: Readonly<Record<string, string>>): object {
  const text = JSON.stringify(content);
  const lines = unpack(text).split('\n');
  for (const [from, to] of Object.entries(edits)) {
    if (!lines.includes(from)) throw new Error(`the document has no line ${from}`);
    lines.splice(lines.indexOf(from), 1, to);
  }
  return JSON.parse(text.replace(PACKED, () => packed(lines.join('\n')))) as object;
}
