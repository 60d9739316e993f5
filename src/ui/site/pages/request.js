// A call of the document, made from what was filled in.

/** The path with the values of `[{parameter, value}]`; what was left out of the query is not sent. */
export function address(path, filled) {
  const search = new URLSearchParams();
  let whole = path;
  for (const { parameter, value } of filled) {
    if (parameter.in === 'path') whole = whole.replace(`{${parameter.name}}`, encodeURIComponent(value));
    else if (value) search.set(parameter.name, value);
  }
  const query = search.toString();
  return query ? `${whole}?${query}` : whole;
}

/** The example of a body, or its members with nothing in them. */
export function sample(schema, api) {
  const named = schema.oneOf ? schema.oneOf.find((either) => either.$ref) || {} : schema;
  const whole = named.$ref ? api.components.schemas[named.$ref.split('/').pop()] : named;
  const members = (whole?.required || []).map((name) => [name, '']);
  return JSON.stringify(whole?.examples?.[0] ?? Object.fromEntries(members), null, 2);
}
