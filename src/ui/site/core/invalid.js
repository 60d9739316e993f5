// A field that is refused before the server is asked, in the form in which the server would refuse it.

export function invalid(field, detail) {
  return Object.assign(new Error(detail), { code: 'invalid_field', fields: [{ field, detail, code: 'malformed' }] });
}
