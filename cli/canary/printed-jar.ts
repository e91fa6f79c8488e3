/** Cookies that a program prints: for single sign-on, passkeys, and whatever else needs a browser. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { RecipeFailed } from '../../functions/canary/contract/errors.ts';
import type { User } from '../../functions/canary/contract/recipe.ts';
import type { Cookie } from '../../functions/canary/http/cookie-jar.ts';
import { parseJson } from '../../functions/shared/json.ts';
import * as z from '../../functions/shared/schema.ts';

/** Time limit of the program: a person may have to touch a security key for it. */
const PROGRAM_MS = 120_000;
const MOST_BYTES = 1_048_576;

/** The fields that are read of what the program prints, named as in Playwright's context.cookies(); others are ignored. */
const cookies = z.array(
  z.object({
    name: z.text(1, 4_096),
    value: z.string(),
    domain: z.text(1, 253),
    path: z.optional(z.string()),
    httpOnly: z.optional(z.boolean()),
    secure: z.optional(z.boolean()),
    sameSite: z.optional(z.string()),
  }),
);

/** Runs the program with {name} in its words. @throws RecipeFailed, which has nothing of what the program printed */
export async function printedJar(words: readonly string[], { name }: User): Promise<readonly Cookie[]> {
  const [program = '', ...rest] = words.map((word) => word.replaceAll('{name}', name));
  const { stdout } = await promisify(execFile)(program, rest, { timeout: PROGRAM_MS, maxBuffer: MOST_BYTES }).catch(
    (error: { code?: unknown }) => {
      throw new RecipeFailed(`the program of "jar" failed (${String(error.code ?? 'ended by a signal')})`);
    },
  );
  const parsed = cookies.safeParse(parseJson(stdout));
  if (!parsed.success) throw new RecipeFailed('the program of "jar" did not print a list of cookies as Playwright does');
  return parsed.data.map(({ domain, secure = false, httpOnly = false, sameSite, path, ...cookie }) => ({
    ...cookie,
    secure,
    httpOnly,
    host: domain.replace(/^\./, ''),
    ...(path !== undefined && { path }),
    ...(domain.startsWith('.') && { domain: domain.slice(1) }),
    ...(sameSite !== undefined && { sameSite: sameSite.toLowerCase() }),
  }));
}
