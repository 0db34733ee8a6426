import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { expect } from "chai";

import { createRpc } from "../../../src/chain/createRpc.ts";
import { classifyFailure } from "../../../src/indexer/chain/classifyFailure.ts";
import { MAX_ANSWER_BYTES, postKeptAlive } from "../../../src/indexer/chain/postKeptAlive.ts";
import { caughtError } from "../../helpers/caughtError.ts";

describe("a request over a connection that stays open", () => {
  let server: Server;
  let url: string;
  let answer: (response: ServerResponse) => void;
  let connections = 0;

  before(async () => {
    server = createServer((request, response) => {
      request.resume().once("end", () => answer(response));
    });
    server.on("connection", () => (connections += 1));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  const post = (timeoutMs = 5_000) => postKeptAlive(url, {}, "{}", timeoutMs);
  const failure = async () =>
    classifyFailure(await caughtError(createRpc(url, 5_000, postKeptAlive).call("eth_getLogs")));

  it("uses one connection for one request after another", async () => {
    answer = (response) => response.end("{}");
    connections = 0;
    for (let request = 0; request < 5; request++) {
      expect(await post()).to.deep.equal({ status: 200, text: "{}" });
    }
    expect(connections).to.be.at.most(1);
  });

  it("fails when the answer is cut off, however it was announced", async () => {
    for (const headers of [{ "content-length": 100 }, {}]) {
      answer = (response) => {
        response.writeHead(200, headers);
        response.write('{"half":', () => response.socket?.destroy());
      };
      expect((await failure()).kind).to.equal("later");
    }
  });

  it("fails when nothing comes in time", async () => {
    answer = () => undefined;
    const said = await post(20).catch((error: unknown) => String(error));
    expect(said).to.equal("Error: no answer within 20 ms");
  });

  it("asks for less when the answer is more than memory should have", async () => {
    answer = (response) => response.end(Buffer.alloc(MAX_ANSWER_BYTES + 1));
    expect(await failure()).to.deep.equal({ kind: "tooLarge" });
  });
});
