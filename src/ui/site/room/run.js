// Starts and ends a stream, from wherever that is offered. It ends for good, so that is asked twice.
import { post } from '../core/api.js';
import { t } from '../core/i18n.js';
import { confirm, tried } from '../components/overlay.js';

/** Goes live. */
export const start = (state) => change(state, 'start');

/** Ends the stream, once that is confirmed. */
export async function end(state) {
  if (await confirm(t('end.sure'), t('end.text'), t('end'))) await change(state, 'end');
}

const change = (state, what) => tried(async () => state.set('stream', { ...state.stream, ...(await post(state.path(`/${what}`))) }));
