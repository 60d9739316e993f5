// How the words of a comment are meant: said, or, behind `/me`, done.

const ACTION = '/me ';

/** `{text, acts}` of a comment's content. */
export function spoken(content) {
  const acts = content.startsWith(ACTION) && content.length > ACTION.length;
  return { text: acts ? content.slice(ACTION.length) : content, acts };
}
