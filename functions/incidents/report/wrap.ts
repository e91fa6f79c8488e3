/** Text in lines of a terminal. Pure. */

const WIDTH = 80;

/** @param mark begins the first line; the others are indented as far. A word that is longer than a line stays whole. */
export function wrap(text: string, mark = ''): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && mark.length + line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((one, at) => `${at === 0 ? mark : ' '.repeat(mark.length)}${one}`);
}
