/** The shell commands of a page: its blocks marked `sh`, and what stands in the text as code and begins with `aws`. */

export interface Snippet {
  /** The heading above it. */
  readonly heading: string;
  /** As a shell reads it: without the lines that call another program than the AWS CLI. */
  readonly script: string;
}

/** @param page Markdown */
export function snippetsOf(page: string): readonly Snippet[] {
  const found: Snippet[] = [];
  for (const section of page.split(/^(?=#{1,6} )/m)) {
    const heading = /^#+ (.+)/.exec(section)?.[1] ?? '';
    const blocks = [...section.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block);
    const inline = [...section.replaceAll(/```[\s\S]*?```/g, '').matchAll(/`(aws [^`]+)`/g)].map(([, code = '']) =>
      code.replaceAll(/\s+/g, ' '),
    );
    for (const script of [...blocks, ...inline].map(withoutOthers)) if (/\baws /.test(script)) found.push({ heading, script });
  }
  return found;
}

/** A here-document in a list is indented with it, and so is its end. */
const withoutOthers = (block: string): string => {
  const indent = /^ */.exec(block)?.[0] ?? '';
  return block
    .split('\n')
    .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line))
    .filter((line) => !/^(\.\/holdfast|npx|sudo) /.test(line))
    .join('\n');
};
