/** What the page of a local cloud shows, and the commands that it suggests. */
export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly ifEmpty: string;
}

export interface CloudView {
  readonly account: string;
  readonly region: string;
  readonly installation: string;
  readonly fleet: string;
  readonly places: readonly { readonly name: string; readonly text: string; readonly link?: string }[];
  readonly tables: readonly Table[];
  readonly commands: readonly { readonly title: string; readonly lines: readonly string[] }[];
  readonly notEmulated: readonly { readonly name: string; readonly lines: readonly string[] }[];
}

/** A version above every published one, so that it can be published; `VERSION` where none is a number that can be raised. */
export function nextVersion(published: readonly string[]): string {
  if (published.length === 0) return '1.0.0';
  const numbers = published.flatMap((version) => {
    const parts = /^(\d{1,9})\.(\d{1,9})\.(\d{1,9})$/.exec(version);
    return parts ? [[Number(parts[1]), Number(parts[2])] as const] : [];
  });
  const [highest] = numbers.toSorted(([a, b], [c, d]) => c - a || d - b);
  return highest ? `${highest[0]}.${highest[1] + 1}.0` : 'VERSION';
}
