// Icons as paths on a 24 by 24 grid, stroked with the text's colour.
import { h, svg } from '../core/dom.js';

const PATHS = {
  blank: '',
  ban: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M5.7 5.7l12.6 12.6',
  chart: 'M4 20V4M4 20h16M8 16l4-5 3 3 5-7',
  chat: 'M4 5.5h16v11H9.5L5 20v-3.5H4z',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  chevron: 'M6 9.5l6 6 6-6',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M12 7v5.2l3.2 2',
  close: 'M6 6l12 12M18 6L6 18',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  danmaku: 'M3.5 5.5h17v13h-17zM7 9.5h6M15.5 9.5H17M7 14h2M11.5 14H17',
  danmakuOff: 'M3.5 5.5h17v13h-17zM3 3l18 18M7 14h2',
  down: 'M12 5v13M6 12.5l6 6 6-6',
  edit: 'M4 20l1-4.5L16.5 4l3.5 3.5L8.5 19zM14 6.5l3.5 3.5',
  expand: 'M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5',
  eye: 'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6',
  float: 'M3.5 5.5h17v13h-17zM12 12h6.5v4.5H12z',
  flag: 'M5 21V4.5c4-2 7 2 13 0v9c-6 2-9-2-13 0',
  gear: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 9.3a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6M9 19.3a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6',
  globe: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M3 12h18M12 3c5 5.5 5 12.5 0 18-5-5.5-5-12.5 0-18',
  hand: 'M8 12V5.5a1.5 1.5 0 0 1 3 0V11V4a1.5 1.5 0 0 1 3 0v7V5.5a1.5 1.5 0 0 1 3 0V14c0 4-2.5 7-6 7-3 0-4.5-1.5-7.5-6.5 0 0 2-1.5 4.5 1.5',
  heart: 'M12 20S3.5 15 3.5 9.2A4.6 4.6 0 0 1 12 6.8a4.6 4.6 0 0 1 8.5 2.4C20.5 15 12 20 12 20',
  link: 'M10 14a4 4 0 0 0 5.7 0l3.1-3.1a4 4 0 0 0-5.7-5.7L12 6.3M14 10a4 4 0 0 0-5.7 0l-3.1 3.1a4 4 0 0 0 5.7 5.7l1.1-1.1',
  list: 'M8.5 6H20M8.5 12H20M8.5 18H20M4 6h.1M4 12h.1M4 18h.1',
  lock: 'M6 11h12v9H6zM8.5 11V7.5a3.5 3.5 0 0 1 7 0V11',
  microphone: 'M12 14.5a3 3 0 0 0 3-3V6a3 3 0 0 0-6 0v5.5a3 3 0 0 0 3 3M5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3',
  microphoneOff: 'M12 14.5a3 3 0 0 0 3-3V6a3 3 0 0 0-6 0v5.5a3 3 0 0 0 3 3M5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3M4 3l16 18',
  mega: 'M4 10v4h3l9 5V5L7 10zM19 9.5c1.3 1.3 1.3 3.7 0 5M7.5 14.5L9 20',
  more: 'M5.5 12h.1M12 12h.1M18.5 12h.1',
  moon: 'M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5',
  mute: 'M4 9.5v5h3.5L12.5 19V5L7.5 9.5zM16.5 9.5l5 5M21.5 9.5l-5 5',
  pause: 'M8 5v14M16 5v14',
  people: 'M9 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7M2.5 20c.5-4 3-6 6.5-6s6 2 6.5 6M16 5a3.5 3.5 0 0 1 0 6.5M18 14.5c2 .8 3.2 2.7 3.5 5.5',
  pin: 'M9 4h6l-.7 6 3.2 3.5H6.5L9.7 10zM12 13.5V21',
  play: 'M8 5l11 7-11 7z',
  poll: 'M5 20v-6M12 20V4M19 20v-9',
  popout: 'M10 5H5v14h14v-5M14 4.5h5.5V10M19 5l-8 8',
  question: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M9.5 9.5a2.5 2.5 0 1 1 3.7 2.2c-.8.5-1.2 1-1.2 2M12 16.8h.1',
  reply: 'M9.5 6L4 11.5 9.5 17M4.5 11.5H14c3.5 0 6 2 6 6.5',
  retry: 'M19.5 12a7.5 7.5 0 1 1-2.2-5.3L20 9.4M20 4.5v5h-5',
  screen: 'M3.5 5h17v11.5h-17zM8.5 20h7M12 16.5V20',
  search: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13M15.3 15.3L20.5 20.5',
  send: 'M4 12L20.5 4.5 16 20l-4.5-6zM11.5 14l4-5',
  share: 'M12 15V4M7.5 8L12 3.5 16.5 8M5 12v8h14v-8',
  shield: 'M12 3l7.5 2.5V11c0 5-3 8.5-7.5 10-4.5-1.5-7.5-5-7.5-10V5.5z',
  smile: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M8.5 14a4.2 4.2 0 0 0 7 0M9 9.5h.1M15 9.5h.1',
  sound: 'M4 9.5v5h3.5L12.5 19V5L7.5 9.5zM16 9a4.2 4.2 0 0 1 0 6M18.5 6.5a8 8 0 0 1 0 11',
  stop: 'M6.5 6.5h11v11h-11z',
  sun: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4',
  text: 'M5 6.5V5h14v1.5M12 5v14M9 19h6',
  theatre: 'M2.5 6h12.5v12H2.5zM17.5 6h4v12h-4z',
  trash: 'M4.5 6.5h15M9 6.5V4h6v2.5M6.5 6.5l.8 13.5h9.4l.8-13.5M10 10.5v5.5M14 10.5v5.5',
  up: 'M12 19V6M6 11.5l6-6 6 6',
  user: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8M4 20.5c.6-4.3 3.6-6.5 8-6.5s7.4 2.2 8 6.5',
  video: 'M3.5 6.5h12v11h-12zM15.5 10.5l5-3v9l-5-3',
  videoOff: 'M3.5 6.5h12v11h-12zM15.5 10.5l5-3v9l-5-3M3 3l18 18',
  warn: 'M12 4L2.5 20h19zM12 10v4.5M12 17.2h.1',
};

const SOLID = new Set(['play', 'stop']);

/** An icon, decoration only: what it means must be said by its button's label. */
export function icon(name, size = 20) {
  const path = svg('path', { d: PATHS[name] });
  if (SOLID.has(name)) path.setAttribute('fill', 'currentColor');
  return svg('svg', { class: 'icon', viewBox: '0 0 24 24', width: size, height: size, 'aria-hidden': 'true' }, path);
}

/** A button that is an icon; its label is read out, and shown to who points at it. */
export function iconButton(name, label, onclick, { size = 20, class: className = '', ...props } = {}) {
  return h('button', { class: `icon-button ${className}`, 'aria-label': label, title: label, onclick, ...props }, name && icon(name, size));
}

/** A small one, within text. */
export const tinyButton = (name, label, onclick, props) => iconButton(name, label, onclick, { size: 16, class: 'tiny', ...props });

/** One that opens a pop-up beside itself. */
export const popupButton = (name, label, open, props) => iconButton(name, label, (event) => open(event.currentTarget), { 'aria-expanded': 'false', ...props });

/** The mark: a stage under three lights. */
export function mark(size = 28) {
  return svg('svg', { class: 'mark', viewBox: '0 0 32 32', width: size, height: size, 'aria-hidden': 'true' },
    svg('rect', { width: 32, height: 32, rx: 9, class: 'mark-ground' }),
    svg('path', { d: 'M9 8v13.2A2.8 2.8 0 0 0 11.8 24H23', class: 'mark-line' }),
    svg('circle', { cx: 20.5, cy: 12.5, r: 4.2, class: 'mark-light' }));
}
