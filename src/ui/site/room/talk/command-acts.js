// Does what a command says; whether it was done is said.
import { patch } from '../../core/api.js';
import { spanWords, t } from '../../core/i18n.js';
import { tried } from '../../components/overlay.js';
import { ban, unban } from '../moderate/verdicts.js';

/** Gives whether it was done. */
export const run = (command, state, list) => ACTS[command.run](command, state, list);

const ACTS = {
  clear: (_command, _state, list) => (list.clear(), true),
  ban: ({ username, duration_s, ...more }, state) => ban(state, { username }, duration_s, more),
  unban: ({ username }, state) => unban(state, { username }),
  slow({ slow_mode_s }, state) {
    const done = slow_mode_s ? t('slow.on', { time: spanWords(slow_mode_s) }) : t('slow.off');
    return tried(() => patch(state.path('/settings'), { slow_mode_s }), done);
  },
};
