// The switch of the shield mode, for who may change the rules of the room.
import { get, patch } from '../../core/api.js';
import { t } from '../../core/i18n.js';
import { keep, keptJson } from '../../core/prefs.js';
import { iconButton } from '../../components/icons.js';
import { confirm, tried } from '../../components/overlay.js';
import { isRaised, lowered, raised } from './shield.js';

const BEFORE = 'livehouse.shield.'; // what held in each room before, kept by who raised it

export function shieldButton(state, life) {
  const button = iconButton('shield', t('shield'), () => turn(), { 'aria-pressed': 'false' });
  const key = BEFORE + state.stream.id;
  const draw = () => {
    button.hidden = !state.may('settings') || !state.settings || state.stream.status === 'ended';
    button.setAttribute('aria-pressed', String(isRaised(state.settings)));
  };
  const path = state.path('/settings');
  const change = async (rules) => state.set('settings', await patch(path, rules));
  const raise = async () => {
    const before = await get(path);
    keep(key, JSON.stringify(before));
    await change(raised(before));
  };
  const turn = async () => {
    if (!isRaised(state.settings)) return tried(raise, t('shield.up'));
    const before = keptJson(key);
    const known = 'comments' in before && !isRaised(before);
    // Somebody else has raised it, or the room was always so.
    if (!known && !(await confirm(t('shield.open'), t('shield.open.text'), t('shield.open.do')))) return null;
    return tried(() => change(lowered(known ? before : null)), t('shield.down'));
  };
  for (const part of ['settings', 'you', 'stream']) life.add(state.on(part, draw));
  draw();
  return button;
}
