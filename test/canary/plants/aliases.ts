/**
 * Ids of its own in front of a site's: what browsers hold is an alias of what the servers know. So weaknesses of ids can be planted
 * in any site, with its sessions as they are.
 */
import type { FrontAnswer, FrontRequest } from '../front.ts';

export interface Aliases {
  /** Puts the server's id in the place of the alias that the browser sent. */
  resolve(request: FrontRequest): void;
  /** Puts an alias in the place of the id that the server set, the same for the same id. @param choose the alias for a new id */
  replace(answer: FrontAnswer, asked: FrontRequest, choose: () => string): void;
  /** Id behind an alias. */
  readonly known: Map<string, string>;
}

export function createAliases(cookie: string): Aliases {
  const known = new Map<string, string>();
  return {
    known,
    resolve(request) {
      if (request.id !== undefined) request.id = known.get(request.id) ?? request.id;
    },
    replace(answer, asked, choose) {
      changeId(answer, cookie, (id) => {
        const alias = asked.id !== undefined && known.get(asked.id) === id ? asked.id : choose();
        known.set(alias, id);
        return alias;
      });
    },
  };
}

/** Changes the value of the session's cookie in an answer that sets one; one that clears it stays as it is. */
export function changeId(answer: FrontAnswer, cookie: string, change: (id: string) => string): void {
  answer.setCookies = answer.setCookies.map((line) => {
    const id = idSet(line, cookie);
    return id === undefined ? line : `${cookie}=${change(id)}${line.slice(cookie.length + 1 + id.length)}`;
  });
}

const idSet = (line: string, cookie: string): string | undefined => {
  const value = line.startsWith(`${cookie}=`) ? (line.slice(cookie.length + 1).split(';')[0] as string) : '';
  return value === '' || value === '""' ? undefined : value;
};

/** The id that an answer sets. */
export const idOfAnswer = ({ setCookies }: FrontAnswer, cookie: string): string | undefined =>
  setCookies.map((line) => idSet(line, cookie)).findLast((id) => id !== undefined);
