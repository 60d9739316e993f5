// A socket of a room, tried from the page: every frame as it comes, and a line to send one.
import { h, fill } from '../core/dom.js';
import { t } from '../core/i18n.js';
import { token } from '../core/session.js';

/** Frames kept on the page. */
const KEPT = 200;

/** A folded console. */
export function socketConsole() {
  let socket = null;
  const stream = h('input', { class: 'input', id: 'console-stream', required: true, autocomplete: 'off', spellcheck: 'false' });
  const frame = h('input', { class: 'input sample', id: 'console-frame', autocomplete: 'off', spellcheck: 'false', value: '{"op": "ping", "ref": "1"}' });
  const frames = h('ol', { class: 'frames', role: 'log', tabindex: 0, 'aria-label': t('docs.frames') });
  const connect = h('button', { class: 'button', type: 'submit' }, t('docs.connect'));
  const send = h('button', { class: 'button primary', type: 'submit', disabled: true }, t('docs.send'));
  const show = (mark, text) => {
    frames.append(h('li', null, h('code', null, `${mark} ${text}`)));
    while (frames.childElementCount > KEPT) frames.firstElementChild.remove();
    frames.scrollTop = frames.scrollHeight;
  };
  const opening = h('form', { class: 'form', method: 'post' }, h('div', { class: 'field' }, h('label', { for: 'console-stream' }, t('docs.stream')), stream), h('div', { class: 'row end' }, connect));
  const sending = h('form', { class: 'form', method: 'post' }, h('div', { class: 'field' }, h('label', { for: 'console-frame' }, 'ClientFrame'), frame), h('div', { class: 'row end' }, send));
  opening.addEventListener('submit', async (event) => {
    event.preventDefault();
    socket?.close();
    fill(frames);
    const credentials = await token({});
    const address = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/v1/streams/${encodeURIComponent(stream.value.trim())}/ws`;
    const own = new WebSocket(address, credentials ? ['livehouse.v1', `bearer.${credentials}`] : ['livehouse.v1']);
    socket = own;
    own.addEventListener('open', () => (send.disabled = false));
    own.addEventListener('message', (message) => (frames.isConnected ? show('←', message.data) : own.close()));
    own.addEventListener('close', ({ code }) => {
      show('×', String(code));
      if (socket === own) send.disabled = true;
    });
  });
  sending.addEventListener('submit', (event) => {
    event.preventDefault();
    if (socket?.readyState !== WebSocket.OPEN) return;
    socket.send(frame.value);
    show('→', frame.value);
  });
  return h('details', { class: 'try' }, h('summary', null, t('docs.try')), opening, frames, sending);
}
