// Parts of the page that are loaded when first wanted. One that does not come is said so, or the page is loaded anew
// where the server has a newer build: its parts do not fit those that are here.
import { h } from '../core/dom.js';
import { t } from '../core/i18n.js';
import { empty } from './live.js';
import { toast } from './overlay.js';

const here = document.querySelector('script[type="module"]').src;

/** `await part(() => import('…'))`: the module; null where it did not come, which is then told. */
export async function part(load, tell = () => toast(t('part.missing'), { kind: 'bad' })) {
  try {
    return await load();
  } catch (error) {
    console.warn(error);
    if (await isOld()) return location.reload(), null;
    tell();
    return null;
  }
}

/** A page that is loaded when it is opened; in the place of one that did not come stands why. */
export const page = (load) => async () => (await part(load, () => {})) ?? { open: ({ main }) => main.append(unloaded()) };

/** Has the browser ask for what will be wanted next, all of it at once: the shell says which modules that is. Once is enough. */
export function ahead() {
  const later = document.querySelector('meta[name="later"]');
  const modules = later?.content.split(' ') ?? [];
  later?.remove();
  document.head.append(...modules.map((module) => h('link', { rel: 'modulepreload', href: new URL(module, here).pathname })));
}

/** In the place of a part that did not come. */
export function unloaded() {
  return empty('warn', t('part.missing'), t('part.missing.text'), h('button', { class: 'button primary', onclick: () => location.reload() }, t('retry')));
}

/** Whether the server has another build than the one that runs here. */
async function isOld() {
  try {
    const answer = await fetch('/', { cache: 'no-store', headers: { accept: 'text/html' } });
    const shell = await answer.text();
    return answer.ok && shell.includes('/assets/') && !shell.includes(new URL(here).pathname);
  } catch {
    return false;
  }
}
