// What lies over the page: dialogs, menus, pop-ups and short notices. Focus and Escape are the browser's own.
import { append, h } from '../core/dom.js';
import { explain, t } from '../core/i18n.js';
import { icon, iconButton } from './icons.js';

/** Opens a modal dialog; `content` gets `close`. Resolves with what it was closed with. */
export function dialog(heading, content, { className = '' } = {}) {
  return new Promise((resolve) => {
    const id = `dialog-${Math.random().toString(36).slice(2, 8)}`;
    const box = h('dialog', { class: `dialog ${className}`, 'aria-labelledby': id });
    let result;
    const close = (value) => {
      result = value;
      box.close();
    };
    const shut = iconButton('close', t('close'), () => close());
    append(box, [
      h('div', { class: 'dialog-head' }, h('h2', { id }, heading), shut),
      h('div', { class: 'dialog-body' }, content(close)),
    ]);
    box.addEventListener('close', () => {
      box.remove();
      resolve(result);
    });
    box.addEventListener('pointerdown', (event) => event.target === box && close());
    document.body.append(box);
    box.showModal();
    box.querySelector('[autofocus]')?.focus();
  });
}

/** Closes what was asked on a page that goes, unanswered; who logs in has the page drawn anew by that, which is no other page. */
export function closeDialogs(isElsewhere) {
  for (const box of document.querySelectorAll(isElsewhere ? 'dialog[open]' : 'dialog[open]:not(.login)')) box.close();
}

/** Asks yes or no. */
export function confirm(heading, text, yes, { danger = true } = {}) {
  return dialog(heading, (close) => [
    h('p', { class: 'muted' }, text),
    h('div', { class: 'row end' },
      h('button', { class: 'button quiet', onclick: () => close(false) }, t('cancel')),
      h('button', { class: danger ? 'button danger' : 'button primary', autofocus: true, onclick: () => close(true) }, yes)),
  ], { className: 'narrow' });
}

/** A pop-up beside `anchor`, closed by a click elsewhere or Escape. Gives the way to close it. */
export function popup(anchor, content, { className = '', label, role = 'dialog', above = false } = {}) {
  const box = h('div', { class: `popup ${className}`, popover: 'auto', role, 'aria-label': label });
  append(box, [content(() => box.hidePopover())]);
  (anchor.closest('dialog') || document.fullscreenElement || document.body).append(box);
  box.addEventListener('toggle', (event) => {
    if (event.newState !== 'closed') return;
    anchor.setAttribute('aria-expanded', 'false');
    const inside = box.contains(document.activeElement) || document.activeElement === document.body;
    box.remove();
    if (inside && anchor.isConnected) anchor.focus({ preventScroll: true });
  });
  box.showPopover();
  anchor.setAttribute('aria-expanded', 'true');
  place(box, anchor.getBoundingClientRect(), above);
  return () => box.isConnected && box.hidePopover();
}

function place(box, anchor, above) {
  const [width, height, gap] = [box.offsetWidth, box.offsetHeight, 8];
  const right = Math.max(gap, Math.min(anchor.right - width, innerWidth - width - gap));
  const left = anchor.left + width + gap > innerWidth ? right : Math.max(gap, anchor.left);
  const fitsBelow = anchor.bottom + height + gap < innerHeight;
  const top = above || !fitsBelow ? Math.max(gap, anchor.top - height - 6) : anchor.bottom + 6;
  box.style.left = `${left}px`;
  box.style.top = `${top}px`;
}

/** A menu: items are `{label, icon, run, danger}` or null for a line. Arrow keys move, Enter chooses. */
export function menu(anchor, items, { label = t('menu'), above = false, head } = {}) {
  const button = (item) => h('button', {
    class: item.danger ? 'menu-item danger' : 'menu-item', role: 'menuitem', tabindex: '-1',
    onclick: () => {
      shut();
      item.run();
    },
  }, item.icon && icon(item.icon, 18), h('span', null, item.label));
  const rows = items.map((item) => (item ? button(item) : h('hr', { role: 'separator' })));
  const shut = popup(anchor, () => [head, rows], { className: 'menu', role: 'menu', label, above });
  const list = rows.filter((row) => row.tagName === 'BUTTON');
  list[0]?.focus({ preventScroll: true });
  list[0]?.parentElement.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const at = list.indexOf(document.activeElement);
    if (step) list[(at + step + list.length) % list.length].focus();
    else if (event.key === 'Home') list[0].focus();
    else if (event.key === 'End') list.at(-1).focus();
    else if (event.key === 'Tab') shut();
    else return;
    event.preventDefault();
  });
  return shut;
}

/** A short notice at the foot of the page, read out politely. */
export function toast(text, { kind = '' } = {}) {
  let shelf = document.querySelector('.toasts');
  if (!shelf) {
    shelf = h('div', { class: 'toasts', role: 'status', 'aria-live': 'polite', popover: 'manual' });
    document.body.append(shelf);
  }
  const note = h('div', { class: `toast ${kind}` }, kind === 'bad' && icon('warn', 18), kind === 'good' && icon('check', 18), h('span', null, text));
  shelf.append(note);
  // Shown anew each time, so that it lies over dialogs opened meanwhile.
  if (shelf.matches(':popover-open')) shelf.hidePopover();
  shelf.showPopover();
  setTimeout(() => {
    note.remove();
    if (!shelf.children.length && shelf.matches(':popover-open')) shelf.hidePopover();
  }, 4500);
}

/** Does something that may be refused, which it then says; whether it was done, which `done` says where it is given. */
export async function tried(work, done) {
  try {
    await work();
    if (done) toast(done, { kind: 'good' });
    return true;
  } catch (error) {
    if (!error.code) throw error;
    toast(explain(error), { kind: 'bad' });
    return false;
  }
}

/** Copies, and says so. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast(t('copied'), { kind: 'good' });
  } catch {
    dialog(t('share'), () => h('input', { class: 'input', value: text, readOnly: true, autofocus: true, 'aria-label': t('share') }));
  }
}
