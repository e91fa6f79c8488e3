/** Long enough to be an id. */
const ID = /[0-9a-fA-F]{8}(?:-?[0-9a-fA-F]+)+|[\w-]{20,}/g;
/** A letter is replaced by one of its own, so that an id keeps its form. */
const LETTERS = ['234567', 'abcdef', 'ghijklmnopqrstuvwxyz', 'ABCDEF', 'GHIJKLMNOPQRSTUVWXYZ'];

/** A name with other ids of the same forms. @param random from 0 to below 1 */
export const withOtherIds = (name: string, random: () => number): string =>
  name.replace(ID, (id) =>
    id.replace(/[0-9a-zA-Z]/g, (letter) => {
      const letters = LETTERS.find((some) => some.includes(letter)) ?? (LETTERS[0] as string);
      return letters[Math.floor(random() * letters.length)] as string;
    }),
  );
