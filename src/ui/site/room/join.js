// The live room of a stream, for as long as a page shows it.
import { LiveRoom } from '../livehouse.js';
import { leave, me, token } from '../core/session.js';
import { RoomState } from './state.js';

/** What it is, kept up to date once `live.connect()` was called; the connection ends with `life`. */
export function join(stream, life) {
  const live = new LiveRoom({ stream: stream.id, token });
  live.on('login', () => me() && leave());
  life.add(() => live.close());
  return new RoomState(live, stream);
}
