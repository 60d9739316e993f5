// Starts the page: takes up the session, draws the header, shows what the address says.
import { paint, rebrand } from './core/brand.js';
import { t } from './core/i18n.js';
import { redraw, route, title } from './core/router.js';
import { onSession, resume } from './core/session.js';
import { watchViewport } from './core/viewport.js';
import { rulesOfSite } from './core/visitor.js';
import { header } from './components/header.js';
import { page } from './components/load.js';
import { closeDialogs, toast } from './components/overlay.js';

const ROUTES = [
  [/^\/$/, page(() => import('./pages/home.js'))],
  [/^\/s\/([^/]+)$/, page(() => import('./room/page.js'))],
  [/^\/s\/([^/]+)\/studio$/, page(() => import('./studio/page.js'))],
  [/^\/@([^/]+)$/, page(() => import('./pages/channel.js'))],
  [/^\/pop\/([^/]+)$/, page(() => import('./pages/pop.js'))],
  [/^\/u\/([^/]+)$/, page(() => import('./pages/profile.js'))],
  [/^\/account$/, page(() => import('./pages/account.js'))],
  [/^\/setup$/, page(() => import('./pages/setup.js'))],
  [/^\/admin$/, page(() => import('./admin/page.js'))],
  [/^\/reset$/, page(() => import('./pages/reset.js'))],
  [/^\/invitation$/, page(() => import('./pages/invitation.js'))],
  [/^\/docs$/, page(() => import('./pages/docs.js'))],
  [/^/, page(() => import('./pages/lost.js'))],
];

const top = document.querySelector('.top');
const main = document.querySelector('main');
const skip = document.querySelector('.skip');

function frame() {
  skip.textContent = t('skip');
  header(top, again);
}

/** Another language: everything is drawn anew. */
function again() {
  frame();
  redraw();
}

skip.addEventListener('click', (event) => {
  event.preventDefault();
  main.focus();
});

watchViewport();
frame();
onSession((_user, { ended }) => {
  frame();
  if (ended) toast(t('session.ended'));
});
paint();
await resume();
route(main, ROUTES, closeDialogs);
if (rebrand(await rulesOfSite())) {
  frame();
  title();
}
