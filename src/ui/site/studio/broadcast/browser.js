// Camera, screen and microphone of this browser: a preview, what is chosen of them, how loud it is, and one button to go live.
import { h, refill } from '../../core/dom.js';
import { explain, t } from '../../core/i18n.js';
import { field, select } from '../../components/form.js';
import { icon, iconButton } from '../../components/icons.js';
import { confirm, toast } from '../../components/overlay.js';
import { panel } from '../../components/panel.js';
import { mayCapture, mayShareScreen } from './capture.js';

const METER_MS = 80;

export function fromBrowser(state, broadcast, life) {
  if (!mayCapture()) return panel(t('browser'), null, h('p', { class: 'problem' }, t('browser.insecure', { origin: location.origin })));
  const preview = h('video', { class: 'preview', muted: true, autoplay: true, playsinline: true, 'aria-label': t('preview.own') });
  const level = h('div', { class: 'level', 'aria-hidden': 'true' }, h('span'));
  const rows = { air: h('div'), levels: h('div', { class: 'row' }), pickers: h('div', { class: 'pair' }), buttons: h('div', { class: 'row' }) };
  const box = h('div', { class: 'capture' }, h('div', { class: 'preview-box' }, preview, rows.air), rows.levels, rows.pickers, rows.buttons);
  const view = { box, preview, level, rows, state, broadcast };
  life.every(METER_MS, () => level.firstChild.style.setProperty('width', `${Math.round((broadcast.capture.sound?.level() ?? 0) * 100)}%`));
  life.add(broadcast.on('change', () => draw(view)));
  life.add(state.on('stream', () => draw(view)));
  life.add(() => (preview.srcObject = null));
  draw(view);
  return panel(t('browser'), t('browser.hint'), box);
}

function draw({ box, preview, level, rows, broadcast, state }) {
  const { capture, sender } = broadcast;
  const { isOn, isScreen, muted, devices, chosen } = capture;
  show(preview, capture.picture);
  const focus = document.activeElement?.name;
  refill(rows.air, [Boolean(capture.picture), sender.state], () => [!capture.picture && nothing(), onAir(sender)]);
  refill(rows.levels, [isOn, muted, isScreen], () => isOn && [muteButton(capture), level, screenButton(capture)]);
  refill(rows.pickers, [isOn, devices, chosen, isScreen], () => isOn && [picker(capture, 'camera', 'videoinput', 'useCamera'), picker(capture, 'voice', 'audioinput', 'useVoice')]);
  refill(rows.buttons, [broadcast.isOn, isOn, isScreen, state.stream.status], () => buttons(broadcast, state));
  rows.levels.hidden = rows.pickers.hidden = !isOn;
  if (focus && document.activeElement?.name !== focus) box.querySelector(`[name="${focus}"]`)?.focus();
}

const nothing = () => h('div', { class: 'preview-none' }, icon('video', 30), h('span', null, t('preview.none')));

function show(preview, track) {
  const now = preview.srcObject?.getVideoTracks()[0] ?? null;
  if (now !== track) preview.srcObject = track ? new MediaStream([track]) : null;
}

function onAir(sender) {
  if (sender.state === 'off') return null;
  return h('span', { class: sender.state === 'on' ? 'badge live' : 'badge dim' }, t(`sender.${sender.state}`));
}

function muteButton(capture) {
  const label = t(capture.muted ? 'microphone.on' : 'microphone.off');
  return iconButton(capture.muted ? 'microphoneOff' : 'microphone', label, () => capture.mute(!capture.muted), { 'aria-pressed': String(capture.muted), name: 'mute' });
}

function screenButton(capture) {
  if (!mayShareScreen()) return null;
  const turn = () => (capture.isScreen ? capture.leaveScreen() : tried(() => capture.shareScreen()));
  return h('button', { class: `button quiet${capture.isOn ? ' small' : ''}`, name: 'screen', onclick: turn }, icon('screen', 18), t(capture.isScreen ? 'screen.off' : 'screen.on'));
}

function picker(capture, what, kind, use) {
  const devices = capture.devices.filter((device) => device.kind === kind);
  const options = devices.map(({ deviceId, label }, i) => [deviceId, label || t(`device.${what}`, { i: i + 1 })]);
  if (what === 'voice') options.push(['none', t('device.none')]);
  const choice = select(what, options, capture.chosen[what]);
  choice.disabled = capture.isScreen && what === 'camera';
  choice.addEventListener('change', () => tried(() => capture[use](choice.value)));
  return field(t(`device.${what}.label`), choice);
}

function buttons(broadcast, state) {
  if (broadcast.isOn) return h('button', { class: 'button danger', name: 'stop', onclick: () => stop(broadcast) }, icon('stop', 16), t('sender.stop'));
  if (state.stream.status === 'ended') return h('p', { class: 'muted' }, t('gate.ended'));
  const live = state.stream.status === 'live';
  const go = async ({ currentTarget: button }) => {
    button.disabled = true;
    await tried(() => broadcast.goLive());
    button.disabled = false;
  };
  const look = !broadcast.capture.isOn && h('button', { class: 'button quiet', name: 'look', onclick: () => tried(() => broadcast.capture.start()) }, icon('video', 18), t('preview.start'));
  const share = !broadcast.capture.isOn && screenButton(broadcast.capture);
  return [h('button', { class: 'button live', name: 'live', onclick: go }, icon('play', 16), t(live ? 'picture.send' : 'go.live')), look, share];
}

async function stop(broadcast) {
  if (await confirm(t('sender.stop'), t('sender.stop.text'), t('sender.stop'))) broadcast.stop();
}

/** What may be refused by the browser or the server, which is then said. */
async function tried(work) {
  try {
    await work();
  } catch (error) {
    toast(refusal(error), { kind: 'bad' });
  }
}

const REFUSALS = { NotAllowedError: 'device.refused', NotFoundError: 'device.missing', NotReadableError: 'device.busy' };

function refusal(error) {
  if (error.name in REFUSALS) return t(REFUSALS[error.name]);
  if (typeof error.code === 'string') return explain(error);
  throw error;
}
