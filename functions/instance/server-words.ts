/** Texts in the answers of a server's documents. */
import { foreignLine, printable } from '../shared/foreign-text.ts';
import * as z from '../shared/schema.ts';

/** The documents' own texts are shorter. */
const LONGEST_WORDS = 2_000;
/** Words of a server. The documents have removed secrets; someone who has taken a server over prints what they like. */
export const words = z.pipe(
  z.string(),
  z.transform((text) => foreignLine(text, LONGEST_WORDS)),
);
/** A version of a release, or NO_RELEASE. */
export const version = z.pipe(
  z.string(),
  z.transform((text) => printable(text).slice(0, 64)),
);
