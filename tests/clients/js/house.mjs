// What the tests of the packed client ask of a server: accounts, streams, and that something comes in time.
import { after } from 'node:test';
import { LiveRoom } from 'livehouse';

export const SERVER = process.env.LIVEHOUSE_TEST_SERVER;
const PATIENCE_MS = 20_000;
let names = 0;

// A test that failed has left nothing, and a room that is open keeps its program going.
const rooms = [];
after(() => rooms.forEach((room) => room.close()));

async function call(method, path, token, body) {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  const response = await fetch(`${SERVER}/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response.status === 204 ? null : response.json();
}

/** A new account, and what it is let in by. */
export async function account() {
  const username = `js${process.pid}x${++names}`;
  const { user, session } = await call('POST', '/users', null, { username, password: 'a long pass phrase' });
  return { user, token: session.access_token };
}

/** A stream of that account, started. */
export async function stream({ token }) {
  const { id } = await call('POST', '/streams', token, { title: 'First night' });
  return call('POST', `/streams/${id}/start`, token);
}

/** A room, and all that it tells: `told(name, fits)` waits for one, also where it has come already. */
export function listened(options) {
  const room = new LiveRoom({ server: SERVER, ...options });
  rooms.push(room);
  const heard = [];
  const waiting = new Set();
  for (const name of ['status', 'welcome', 'snapshot', 'resumed', 'you', 'event', 'login', 'bye']) {
    room.on(name, (detail) => {
      heard.push({ name, detail });
      for (const look of [...waiting]) look();
    });
  }
  const told = (name, fits = () => true) =>
    new Promise((resolve, reject) => {
      const late = setTimeout(() => waiting.delete(look) && reject(new Error(`no ${name}: ${JSON.stringify(heard)}`)), PATIENCE_MS);
      function look() {
        const found = heard.find((one) => one.name === name && fits(one.detail));
        if (!found) return;
        clearTimeout(late);
        waiting.delete(look);
        resolve(found.detail);
      }
      waiting.add(look);
      look();
    });
  room.connect();
  return { room, told, heard };
}
