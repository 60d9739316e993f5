// A bare relay on Bun's own WebSocket server: what a viewer sends goes to everyone, as it is.
// Usage: bun bun.js PORT [WINDOW_MS]; with a window, what gathers in it is sent together, as frames of their own.
const port = Number(process.argv[2]);
const windowMs = Number(process.argv[3] ?? 0);
let gathered = [];
const sockets = new Set();

const server = Bun.serve({
  port,
  hostname: "127.0.0.1",
  fetch(request, server) {
    return server.upgrade(request) ? undefined : new Response("a relay", { status: 426 });
  },
  websocket: {
    perMessageDeflate: false,
    sendPings: false,
    idleTimeout: 0,
    open(socket) {
      if (windowMs > 0) sockets.add(socket);
      else socket.subscribe("room");
    },
    close(socket) {
      sockets.delete(socket);
    },
    message(_, text) {
      if (windowMs > 0) gathered.push(text);
      else server.publish("room", text);
    },
  },
});

// Corked, a socket's frames leave in one write, which is what a window is for.
function flush() {
  if (gathered.length === 0) return;
  const texts = gathered;
  gathered = [];
  for (const socket of sockets) {
    socket.cork(() => {
      for (const text of texts) socket.send(text);
    });
  }
}

if (windowMs > 0) setInterval(flush, windowMs);
console.log(`ready on ${server.port}`);
