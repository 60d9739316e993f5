// A program that knows the interface by its generated types alone: lists streams, logs in, comments, pages through events.
import createClient from 'openapi-fetch';
import type { paths } from './api.js';

const client = createClient<paths>({ baseUrl: process.env.LIVEHOUSE_TEST_SERVER! });
const login = { username: `ts${process.pid}`, password: 'a long pass phrase' };

function had<T>({ data, error }: { data?: T; error?: unknown }): T {
  if (data === undefined) throw new Error(JSON.stringify(error));
  return data;
}

had(await client.POST('/api/v1/users', { body: login }));
const { session } = had(await client.POST('/api/v1/sessions', { body: login }));
client.use({ onRequest: ({ request }) => request.headers.set('authorization', `Bearer ${session.access_token}`) });
const { id } = had(await client.POST('/api/v1/streams', { body: { title: 'Typed' } }));
const path = { id };
had(await client.POST('/api/v1/streams/{id}/start', { params: { path } }));
const listed = had(await client.GET('/api/v1/streams', { params: { query: { status: 'live' } } }));
if (!listed.items.some((stream) => stream.id === id && stream.title === 'Typed')) throw new Error('it is not listed');
for (const content of ['one', 'two', 'three']) had(await client.POST('/api/v1/streams/{id}/comments', { params: { path }, body: { content } }));

const said: string[] = [];
for (let after = 0; ; ) {
  const page = had(await client.GET('/api/v1/streams/{id}/events', { params: { path, query: { after, limit: 2 } } }));
  if (typeof page === 'string') throw new Error('it was not asked for as an event stream');
  for (const event of page.items) if (event.type === 'comment.created') said.push(event.comment.content);
  if (page.items.length === 0) break;
  after = page.items.at(-1)!.seq;
}
if (said.join() !== 'one,two,three') throw new Error(`${said}`);
console.log('ok');
