// A bare relay on Socket.IO, WebSocket only, without compression: `m` goes to everyone, as it is.
// Usage: node socketio.mjs PORT
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const relay = new Server(http, { transports: ["websocket"], perMessageDeflate: false, serveClient: false });
relay.on("connection", (socket) => {
  socket.join("room");
  socket.on("m", (text) => relay.to("room").emit("m", text));
});
http.listen(Number(process.argv[2]), "127.0.0.1", 4096, () => console.log("ready"));
