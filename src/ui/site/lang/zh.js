// 简体中文。
import admin from './zh/admin.js';
import codes from './zh/codes.js';
import room from './zh/room.js';
import site from './zh/site.js';
import studio from './zh/studio.js';
import webhooks from './zh/webhooks.js';

export default { ...site, ...admin, ...room, ...studio, ...webhooks, ...codes };
