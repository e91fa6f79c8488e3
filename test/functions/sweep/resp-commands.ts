/** Commands of a client's byte stream, in the engines' protocol. */
export class RespCommands {
  private pending = Buffer.alloc(0);

  /** @returns the complete commands so far, as their words */
  read(chunk: Buffer): Buffer[][] {
    this.pending = Buffer.concat([this.pending, chunk]);
    const commands: Buffer[][] = [];
    for (let found = this.next(); found; found = this.next()) commands.push(found);
    return commands;
  }

  static write(words: readonly Buffer[]): Buffer {
    const parts = words.flatMap((word) => [Buffer.from(`$${word.length}\r\n`), word, Buffer.from('\r\n')]);
    return Buffer.concat([Buffer.from(`*${words.length}\r\n`), ...parts]);
  }

  private next(): Buffer[] | undefined {
    let at = 0;
    const number = (): number | undefined => {
      const end = this.pending.indexOf('\r\n', at);
      if (end === -1) return undefined;
      const value = Number(this.pending.subarray(at + 1, end).toString());
      at = end + 2;
      return value;
    };
    const count = number();
    if (count === undefined) return undefined;
    const words: Buffer[] = [];
    for (let word = 0; word < count; word += 1) {
      const length = number();
      if (length === undefined || this.pending.length < at + length + 2) return undefined;
      words.push(Buffer.from(this.pending.subarray(at, at + length)));
      at += length + 2;
    }
    this.pending = this.pending.subarray(at);
    return words;
  }
}
