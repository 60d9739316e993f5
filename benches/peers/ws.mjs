// A bare relay on Node's `ws`: each text is framed once and the same bytes are written to every socket.
// Usage: node ws.mjs PORT
import { createServer } from "node:http";
import { WebSocketServer, Sender } from "ws";

const http = createServer();
const relay = new WebSocketServer({ server: http, perMessageDeflate: false, clientTracking: false });
const lines = new Set();

relay.on("connection", (socket, request) => {
  const line = request.socket;
  line.setNoDelay(true);
  lines.add(line);
  socket.on("close", () => lines.delete(line));
  socket.on("error", () => lines.delete(line));
  socket.on("message", (data) => {
    const [head, body] = Sender.frame(data, { fin: true, rsv1: false, opcode: 1, mask: false, readOnly: true });
    const frame = body ? Buffer.concat([head, body]) : head;
    for (const other of lines) other.write(frame);
  });
});
http.listen(Number(process.argv[2]), "127.0.0.1", 4096, () => console.log("ready"));
