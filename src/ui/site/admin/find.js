// A list that is searched: a line of fields above it, and what they find below.
import { fill, h } from '../core/dom.js';
import { t } from '../core/i18n.js';
import { form } from '../components/form.js';
import { paged } from '../components/panel.js';

/** `fields` ask, `draw(items)` shows what is found at `path` with what they hold. Gives the parts, and the way to load it anew. */
export function finder(list, path, fields, draw) {
  let load = paged(list, path, draw);
  const search = (values) => {
    const asked = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value).trim()]).filter(([, value]) => value));
    fill(list);
    load = paged(list, path, draw, asked);
  };
  const box = form(fields, t('admin.find'), search, { quiet: true, className: 'form inline' });
  box.setAttribute('role', 'search');
  return { parts: [box, list], again: () => load() };
}

/** What stands in a list without entries. */
export const none = () => h('li', { class: 'muted' }, t('list.none'));
