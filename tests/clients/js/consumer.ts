// A program that uses the packed client as it is meant, and as it is not: each `@ts-expect-error` must be an error.
import { LiveRoom, Refused, newId, type Comment, type LogEvent, type RoomOptions } from 'livehouse';
import WebSocket from 'ws';

const options: RoomOptions = { stream: 's', server: 'http://house', token: async ({ force }) => (force ? null : 'token'), WebSocket, fetch };
const room = new LiveRoom(options);
new LiveRoom({ stream: 's', WebSocket: globalThis.WebSocket });

const seen: Comment[] = [];
const stop: () => void = room.on('snapshot', ({ comments, stream, seq }) => {
  seen.push(...comments);
  const numbers: number[] = [seq, stream.viewers, stream.reactions['like'] ?? 0];
  console.log(numbers, stream.host.avatar_url?.length);
});
room.on('comment.created', ({ comment, seq }) => console.log(comment.user.bot === true, comment.style?.color.length, seq + 1));
room.on('status', (status) => {
  if (status.state === 'closed') console.log(status.code);
  // @ts-expect-error only a closed room has a code
  if (status.state === 'open') console.log(status.code);
});
room.on('event', (event) => console.log(told(event)));
room.on('pulse', ({ tally }) => console.log(tally?.[0]));

function told(event: LogEvent): string {
  switch (event.type) {
    case 'comment.created':
      return event.comment.content;
    case 'viewer.banned':
      // @ts-expect-error there is no comment in it
      console.log(event.comment);
      return event.until ?? 'for good';
    default:
      return event.type;
  }
}

async function say(): Promise<string> {
  try {
    const posted = await room.comment('hello', { style: { mode: 'top' }, reply_to: 'c', client_id: newId() });
    // @ts-expect-error one that is held has no comment yet
    console.log(posted.comment);
    return posted.state === 'posted' ? posted.comment.content : posted.state;
  } catch (error) {
    if (error instanceof Refused && error.code === 'slow_mode') return `${error.retryAfterMs ?? 0} ms`;
    throw error;
  }
}
void say().then(stop);
room.react('clap', 3);
void room.vote('p', 1);
void room.remove('c');

// @ts-expect-error a stream must be named
new LiveRoom({ server: 'http://house' });
// @ts-expect-error a token is asked for, not given
new LiveRoom({ stream: 's', token: 'token' });
// @ts-expect-error no such option
new LiveRoom({ stream: 's', sockets: 2 });
// @ts-expect-error no such event
room.on('comment.invented', () => {});
// @ts-expect-error no such member
room.on('snapshot', ({ title }) => title);
// @ts-expect-error no such reaction
room.react('boo');
// @ts-expect-error an option is a number
void room.vote('p', 'first');
// @ts-expect-error no such style
void room.comment('hello', { style: { mode: 'spin' } });
// @ts-expect-error what a room knows is not set from outside
room.seq = 3;
