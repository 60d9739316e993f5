// English. Two forms where a number decides: [one, other].
import admin from './en/admin.js';
import codes from './en/codes.js';
import room from './en/room.js';
import site from './en/site.js';
import studio from './en/studio.js';
import webhooks from './en/webhooks.js';

export default { ...site, ...admin, ...room, ...studio, ...webhooks, ...codes };
