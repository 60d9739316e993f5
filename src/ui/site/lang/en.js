// English. Two forms where a number decides: [one, other].
import codes from './en/codes.js';
import room from './en/room.js';
import site from './en/site.js';
import studio from './en/studio.js';

export default { ...site, ...room, ...studio, ...codes };
