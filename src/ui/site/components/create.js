// A new stream, from wherever one may begin.
import { post } from '../core/api.js';
import { t } from '../core/i18n.js';
import { go } from '../core/router.js';
import { part } from './load.js';
import { askLogin } from './login.js';
import { dialog } from './overlay.js';

/** Asks for it, of who is not logged in by the dialog `mode` first, and goes to its studio. */
export async function createStream(mode = 'login') {
  if (!(await askLogin(mode))) return;
  const form = await part(() => import('./stream-form.js'));
  if (!form) return;
  const content = (close) => form.streamForm(null, t('create.do'), async (stream) => close(await post('/streams', stream)), { quiet: true });
  const made = await dialog(t('create'), content, { className: 'wide' });
  if (made) go(`/s/${made.id}/studio#broadcast`);
}
