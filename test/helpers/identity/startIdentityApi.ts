import { once } from "node:events";
import http2, { type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";

import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { toHex } from "viem";

import type { ContractWalletRequest } from "../../../src/indexer/identity/signatures/contractWallet.ts";

const SERVICE = "/xmtp.identity.api.v1.IdentityApi";
/** gRPC frames a message with a byte that says whether it is compressed, and its length in four. */
const FRAME_HEADER = 5;

export interface IdentityApi {
  readonly url: string;
  /** Serialized `IdentityUpdate`s that the library reads next, from sequence id 1. */
  readonly serve: (updates: readonly Uint8Array[]) => void;
  /** What the library asked about contract wallets, oldest first. */
  readonly asked: readonly ContractWalletRequest[];
  readonly stop: () => Promise<void>;
}

/** A stand-in of the network's identity API, over which its client library reads the log of an inbox. */
export async function startIdentityApi({
  isValidWallet,
}: {
  readonly isValidWallet: (request: ContractWalletRequest) => boolean;
}): Promise<IdentityApi> {
  const asked: ContractWalletRequest[] = [];
  let served: readonly Uint8Array[] = [];
  const server = http2.createServer();
  const sessions = new Set<http2.ServerHttp2Session>();
  server.on("session", (session) => {
    sessions.add(session);
    session.once("close", () => sessions.delete(session));
  });
  server.on("stream", (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => {
      const request = Buffer.concat(chunks).subarray(FRAME_HEADER);
      switch (headers[":path"]) {
        case `${SERVICE}/GetIdentityUpdates`:
          return answer(stream, identityUpdates(request, served));
        case `${SERVICE}/VerifySmartContractWalletSignatures`: {
          const wallets = readWallets(request);
          asked.push(...wallets);
          return answer(stream, walletAnswers(wallets.map(isValidWallet)));
        }
        default:
          stream.respond({ ":status": 200, "grpc-status": "12" }, { endStream: true });
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    serve: (updates) => {
      served = updates;
    },
    asked,
    stop: async () => {
      for (const session of sessions) session.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

function answer(stream: ServerHttp2Stream, message: Uint8Array): void {
  const header = Buffer.alloc(FRAME_HEADER);
  header.writeUInt32BE(message.length, 1);
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.end(Buffer.concat([header, message]));
}

/** The whole log for each inbox that is asked for. */
function identityUpdates(request: Uint8Array, updates: readonly Uint8Array[]): Uint8Array {
  const response = new BinaryWriter();
  for (const inbox of readFields(request).get(1) ?? []) {
    const [inboxId = new Uint8Array()] = readFields(inbox).get(1) ?? [];
    const log = new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(inboxId);
    for (const [index, update] of updates.entries()) {
      const entry = new BinaryWriter()
        .tag(1, WireType.Varint)
        .uint64(index + 1)
        .tag(2, WireType.Varint)
        .uint64(index + 1)
        .tag(3, WireType.LengthDelimited)
        .bytes(update)
        .finish();
      log.tag(2, WireType.LengthDelimited).bytes(entry);
    }
    response.tag(1, WireType.LengthDelimited).bytes(log.finish());
  }

  return response.finish();
}

function readWallets(request: Uint8Array): ContractWalletRequest[] {
  return (readFields(request).get(1) ?? []).map((asked) => {
    const fields = readFields(asked);
    const [accountId = new Uint8Array()] = fields.get(1) ?? [];
    const [blockNumber = new Uint8Array()] = fields.get(2) ?? [];
    const [signature = new Uint8Array()] = fields.get(3) ?? [];
    const [hash = new Uint8Array()] = fields.get(4) ?? [];

    return {
      accountId: Buffer.from(accountId).toString(),
      blockNumber: new BinaryReader(blockNumber).uint64() as bigint,
      signature: toHex(signature),
      hash: toHex(hash),
    };
  });
}

function walletAnswers(areValid: readonly boolean[]): Uint8Array {
  const response = new BinaryWriter();
  for (const isValid of areValid) {
    const entry = new BinaryWriter().tag(1, WireType.Varint).bool(isValid).finish();
    response.tag(1, WireType.LengthDelimited).bytes(entry);
  }

  return response.finish();
}

/** The values of a message by field number: what is in a length-delimited field, the bytes of every other. */
function readFields(message: Uint8Array): Map<number, Uint8Array[]> {
  const reader = new BinaryReader(message);
  const fields = new Map<number, Uint8Array[]>();
  while (reader.pos < reader.len) {
    const [fieldNumber, wireType] = reader.tag();
    const value =
      wireType === WireType.LengthDelimited ? reader.bytes() : reader.skip(wireType, fieldNumber);
    fields.set(fieldNumber, [...(fields.get(fieldNumber) ?? []), value]);
  }

  return fields;
}
