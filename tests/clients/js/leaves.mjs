// A program that says one thing, leaves, and has nothing more to do.
import { LiveRoom } from 'livehouse';
import WebSocket from 'ws';

const [server, stream, key] = process.argv.slice(2);
const room = new LiveRoom({ server, stream, token: async () => key, WebSocket });
room.on('status', ({ state }) => state === 'closed' && console.log(state));
room.connect();
console.log((await room.comment('once')).state);
room.close();
