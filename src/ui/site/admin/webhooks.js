// The webhooks of the site that whoever looks has made; each administrator has their own.
import { t } from '../core/i18n.js';
import { panel } from '../components/panel.js';
import { webhooks } from '../components/webhooks/list.js';

export const hooks = () => panel(t('webhooks'), t('admin.webhooks.hint'), webhooks('site'));
