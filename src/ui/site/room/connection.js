// Says how it stands with the connection, and only when it does not stand well; and what was left out, to be read.
import { h, fill } from '../core/dom.js';
import { explain, lasting, t } from '../core/i18n.js';
import { icon, tinyButton } from '../components/icons.js';
import { askLogin } from '../components/login.js';
import { Gaps } from './gaps.js';
import { missed } from './history.js';

const PATIENCE_MS = 900; // a reconnect faster than this is nobody's business

export function connectionBar(state, life) {
  const trouble = h('div', { class: 'bar', hidden: true });
  const behind = h('div', { class: 'bar calm', hidden: true });
  let patience;
  const draw = (status) => {
    clearTimeout(patience);
    if (status.state === 'open' && status.by !== 'http') return (trouble.hidden = true);
    const wait = trouble.hidden && status.state !== 'closed' ? PATIENCE_MS : 0;
    patience = setTimeout(() => say(trouble, state, status), wait);
  };
  life.add(state.on('status', draw));
  life.add(() => clearTimeout(patience));
  leftBehind(state, behind);
  return h('div', { class: 'bars', role: 'status', 'aria-live': 'polite' }, trouble, behind);
}

function say(bar, state, status) {
  const { state: now, code, attempt } = status;
  bar.hidden = false;
  bar.classList.toggle('bad', now === 'closed');
  const again = h('button', { class: 'link', onclick: () => state.live.retry() }, t('retry.now'));
  const back = h('button', { class: 'link', onclick: () => askLogin().then(() => state.live.retry()) }, t('login'));
  const here = h('button', { class: 'link', onclick: () => state.live.retry() }, t('use.here'));
  if (now === 'open') return fill(bar, h('span', null, t('by.http')));
  if (now === 'closed') return fill(bar, icon('warn', 18), h('span', null, t(closedWords(code))), code === 4401 ? back : code === 4409 ? here : again);
  fill(bar, h('span', { class: 'spinner', 'aria-hidden': 'true' }), h('span', null, words(status)), attempt > 1 && again);
}

/** Why there is no connection yet, where the server said it; a code of its own words comes first. */
function words({ state, reason, retryInMs }) {
  if (navigator.onLine === false) return t('offline');
  if (!reason) return t(state);
  const known = t(`refused.${reason}`);
  const why = known === `refused.${reason}` ? explain({ code: reason }) : known;
  return retryInMs ? t('refused.again', { reason: why, time: lasting(retryInMs) }) : why;
}

function closedWords(code) {
  return { 4401: 'closed.login', 4404: 'room.gone', 4409: 'closed.replaced' }[code] || 'closed';
}

/** The room spoke faster than this viewer was served: says how much is missing, opens it when wanted. */
function leftBehind(state, bar) {
  const gaps = new Gaps();
  let drawn = 0;
  const shut = () => {
    bar.hidden = true;
    return gaps.take();
  };
  state.live.on('snapshot', shut);
  state.live.on('lagged', (frame) => {
    gaps.add(frame);
    bar.hidden = false;
    if (performance.now() - drawn < 1000 && bar.firstChild) return;
    drawn = performance.now();
    fill(bar, h('span', null, t('lagged', { n: gaps.missed })), h('button', { class: 'link', onclick: () => missed(state, shut()) }, t('lagged.read')), tinyButton('close', t('close'), shut));
  });
}
