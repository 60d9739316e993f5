// What is being typed that could be completed: a name, an emoji, a command.

const AT = /(?:^|[\s\p{P}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}])(@)([\p{L}\p{N}\p{M}_.-]{0,32})$/u;
const COLON = /(?:^|[\s\p{Script=Han}\p{Emoji_Presentation}])([:：])([\p{L}\d_+-]{2,24})$/u; // ":D" is none
const SLASH = /^(\/)(\p{L}{0,12})$/u;

/** `{sign, start, from}` where the caret stands behind the beginning of one: its sign, what was typed of it, and where it
 * begins; or null. */
export function wanted(text, caret) {
  const before = text.slice(0, caret);
  for (const [sign, shape] of [['/', SLASH], ['@', AT], [':', COLON]]) {
    const found = shape.exec(before);
    if (found) return { sign, start: found[2], from: caret - found[2].length - 1 };
  }
  return null;
}
