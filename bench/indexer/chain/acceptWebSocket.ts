import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

/** Of RFC 6455: what a server proves with that it speaks the protocol. */
const ACCEPT_SALT = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const OPCODES = { text: 1, close: 8, ping: 9, pong: 10 } as const;

export interface WebSocketConnection {
  /** Sends one text of pieces that follow each other. */
  readonly send: (pieces: readonly Buffer[]) => void;
}

/** The server's side of a WebSocket: unfragmented texts both ways, as clients of JSON-RPC send them. */
export function acceptWebSocket(
  request: IncomingMessage,
  socket: Duplex,
  { onText, onClose }: { readonly onText: (text: string) => void; readonly onClose: () => void },
): WebSocketConnection {
  const key = request.headers["sec-websocket-key"] ?? "";
  const accept = createHash("sha1").update(`${key}${ACCEPT_SALT}`).digest("base64");
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );

  const write = (opcode: number, pieces: readonly Buffer[]): void => {
    if (socket.writableEnded || socket.destroyed) return;
    socket.cork();
    socket.write(
      frameHead(
        opcode,
        pieces.reduce((sum, { length }) => sum + length, 0),
      ),
    );
    for (const piece of pieces) socket.write(piece);
    socket.uncork();
  };

  let pending = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    for (let frame = readFrame(pending); frame !== undefined; frame = readFrame(pending)) {
      pending = pending.subarray(frame.size);
      if (frame.opcode === OPCODES.text) onText(frame.payload.toString());
      else if (frame.opcode === OPCODES.ping) write(OPCODES.pong, [frame.payload]);
      else if (frame.opcode === OPCODES.close) {
        write(OPCODES.close, [frame.payload]);
        socket.end();
      }
    }
  });
  socket.on("error", () => socket.destroy());
  socket.on("close", onClose);

  return { send: (pieces) => write(OPCODES.text, pieces) };
}

function frameHead(opcode: number, length: number): Buffer {
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = 0x80 | opcode;
  if (length < 126) head[1] = length;
  else if (length < 65_536) {
    head[1] = 126;
    head.writeUInt16BE(length, 2);
  } else {
    head[1] = 127;
    head.writeBigUInt64BE(BigInt(length), 2);
  }

  return head;
}

/** The first frame of a client, which masks what it sends; undefined while it is not complete. */
function readFrame(bytes: Buffer): { opcode: number; payload: Buffer; size: number } | undefined {
  if (bytes.length < 2) return undefined;
  const short = (bytes[1] ?? 0) & 0x7f;
  const extra = short === 126 ? 2 : short === 127 ? 8 : 0;
  const start = 2 + extra + 4;
  if (bytes.length < start) return undefined;
  const length =
    extra === 0 ? short : extra === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  if (bytes.length < start + length) return undefined;

  const mask = bytes.subarray(start - 4, start);
  const payload = Buffer.from(bytes.subarray(start, start + length));
  for (let index = 0; index < length; index++) {
    payload[index] = (payload[index] ?? 0) ^ (mask[index & 3] ?? 0);
  }

  return { opcode: (bytes[0] ?? 0) & 0x0f, payload, size: start + length };
}
