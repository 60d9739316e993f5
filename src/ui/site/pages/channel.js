// The permanent address of a host: the room that is live, else the next one, else who it is.
import { arrive } from '../core/router.js';
import { shownAt } from '../components/channel.js';
import { open as openRoom } from '../room/page.js';
import { open as openProfile } from './profile.js';

export function open(place, [name]) {
  const profile = () => openProfile(place, [name]);
  return arrive(place, () => shownAt(name), (stream) => (stream ? openRoom(place, [stream.id]) : profile()), profile);
}
