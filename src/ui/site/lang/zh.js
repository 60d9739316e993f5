// 简体中文。
import codes from './zh/codes.js';
import room from './zh/room.js';
import site from './zh/site.js';
import studio from './zh/studio.js';

export default { ...site, ...room, ...studio, ...codes };
