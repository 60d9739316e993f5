// A new stream, from wherever one may begin.
import { post } from '../core/api.js';
import { t } from '../core/i18n.js';
import { go, mayLeave } from '../core/router.js';
import { rulesOfSite } from '../core/visitor.js';
import { part } from './load.js';
import { askLogin } from './login.js';
import { dialog, toast } from './overlay.js';

let isAsking = false;

/** Asks for it, of who is not logged in by the dialog `mode` first, and goes to its studio. Nobody fills in a form in vain: before it
 * stand the site's own rule, and the question whether this page may be left. One at a time, however often it is pressed. */
export async function createStream(mode = 'login') {
  if (isAsking) return;
  isAsking = true;
  await ask(mode).finally(() => (isAsking = false));
}

async function ask(mode) {
  if (!(await askLogin(mode))) return;
  const page = location.pathname;
  if ((await rulesOfSite()).may_host === false) return toast(t('host.not'), { kind: 'bad' });
  if (!(await mayLeave())) return;
  const form = await part(() => import('./stream-form.js'));
  if (!form || location.pathname !== page) return;
  const content = (close) => form.streamForm(null, t('create.do'), async (stream) => close(await post('/streams', stream)), { quiet: true });
  const made = await dialog(t('create'), content, { className: 'wide' });
  if (made) go(`/s/${made.id}/studio#broadcast`, { isAsked: true });
}
