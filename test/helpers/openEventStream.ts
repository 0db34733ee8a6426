import { request, type ClientRequest, type IncomingMessage } from "node:http";
import { once } from "node:events";

/** A message of a stream of server-sent events. */
export interface StreamMessage {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: unknown;
}

/** A client of a stream, by the words of the standard. */
export interface EventStream {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  /** Ends when the server does, or when the connection is cut. */
  readonly messages: AsyncGenerator<StreamMessage, void, undefined>;
  /** Comments so far, which keep the connection alive. */
  comments(): number;
  /** Cuts the connection. */
  cut(): void;
}

export async function openEventStream(url: string, lastEventId?: string): Promise<EventStream> {
  const sent: ClientRequest = request(url, {
    agent: false,
    headers: lastEventId === undefined ? {} : { "last-event-id": lastEventId },
  });
  sent.end();
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  response.setEncoding("utf8");
  // A cut is an end here.
  response.on("error", () => undefined);
  sent.on("error", () => undefined);
  let comments = 0;

  async function* read(): AsyncGenerator<StreamMessage, void, undefined> {
    let text = "";
    try {
      for await (const chunk of response) {
        text += String(chunk);
        for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
          const lines = text.slice(0, end).split("\n");
          text = text.slice(end + 2);
          comments += lines.filter((line) => line.startsWith(":")).length;
          const field = (name: string): string | undefined =>
            lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
          const data = field("data");
          if (data === undefined) continue;
          yield { event: field("event") ?? "message", id: field("id"), data: JSON.parse(data) };
        }
      }
    } catch {
      // The connection was cut.
    }
  }

  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    messages: read(),
    comments: () => comments,
    cut: () => void sent.destroy(),
  };
}
