import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { privateKeyToAccount } from "viem/accounts";

import { connectChain } from "../../src/chain/connectChain.ts";
import { parseAddressBook } from "../../src/deployment/addressBook.ts";
import { inboxIdOf } from "../../src/indexer/identity/inboxIdOf.ts";
import { createPublisher } from "../../src/publisher/createPublisher.ts";

/** The second account of the development mnemonic, which pays for the main job too. */
const PAYER = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";

interface Run {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** Resolves with the match once the output has it; rejects when the process ends before. */
  readonly prints: (pattern: RegExp) => Promise<RegExpExecArray>;
  readonly exitCode: Promise<number | null>;
}

function run(...args: string[]): Run {
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", "scripts/start.ts", "--block-time", "100", ...args],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  let output = "";
  const waiting = new Set<() => void>();
  const take = (chunk: Buffer): void => {
    output += chunk.toString();
    for (const look of waiting) look();
  };
  child.stdout.on("data", take);
  child.stderr.on("data", take);
  const exitCode = once(child, "close").then(([code]) => code as number | null);

  return {
    child,
    output: () => output,
    prints: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(output);
          if (match === null) return;
          waiting.delete(look);
          resolve(match);
        };
        waiting.add(look);
        look();
        void exitCode.then((code) => reject(new Error(`ended with ${code}:\n${output}`)));
      }),
    exitCode,
  };
}

/** The amounts in a row of a table. */
function amountsOf(output: string, row: RegExp): bigint[] {
  const [, amounts = ""] = row.exec(output) ?? [];

  return amounts.split(/ +/).map((amount) => BigInt(amount.replaceAll(",", "")));
}

/** Holds a port until `close`. */
async function takePort(port: number): Promise<Server> {
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  return server;
}

describe("npm start", () => {
  const anyPorts = ["--settlement-port", "0", "--appchain-port", "0", "--api-port", "0"];
  let state: string;
  /** What the first run printed of the network, for the second to repeat. */
  let first = "";
  before(async () => {
    state = await mkdtemp(join(tmpdir(), "start-"));
  });
  after(() => rm(state, { recursive: true }));

  it("does the main job, follows what others publish, and stops cleanly on Ctrl-C", async () => {
    const { child, prints, output, exitCode } = run(...anyPorts, "--state", state);
    await prints(/Ready after/);

    expect(output()).to.match(/^300 +http:\/\/127\.0\.0\.1:5052$/m);
    expect([...output().matchAll(/^ {2}\(1, (\d+)\)/gm)].map(([, id]) => id)).to.deep.equal([
      "1",
      "2",
      "3",
    ]);
    expect([...output().matchAll(/^ {2}\(0, (\d+)\)/gm)].map(([, id]) => id)).to.deep.equal(
      Array.from({ length: 11 }, (_, index) => String(index + 1)),
    );

    const wallets = [...output().matchAll(/^ {2}(0x[0-9a-f]{40}) +(0x[0-9a-f]{64})$/gm)];
    expect(wallets).to.have.length(3);
    for (const [, wallet, inbox = ""] of wallets) {
      expect(`0x${inboxIdOf({ kind: "ethereum", value: wallet ?? "" }, 1n)}`).to.equal(inbox);
      expect(output()).to.include(`update of inbox ${inbox.slice(0, 14)}`);
    }

    const sums = [...output().matchAll(/^together +(.+)$/gm)].map(([, amounts = ""]) =>
      amounts.split(/ +/).map((amount) => Number(amount.replaceAll(",", ""))),
    );
    const [[deposited = 0, charged = 0, balance = 0] = [], [paid = 0] = []] = sums;
    const parts = [...output().matchAll(/^(?:node \d+|protocol) +([\d,]+)$/gm)].map(
      ([, amount = ""]) => Number(amount.replaceAll(",", "")),
    );
    expect(deposited).to.equal(50_000_000);
    expect(charged).to.be.greaterThan(0);
    expect(charged + balance).to.equal(deposited);
    expect(paid).to.equal(charged);
    expect(parts).to.have.length(4);
    expect(parts.reduce((total, amount) => total + amount)).to.equal(paid);

    const [, gasMoney, claimed] = amountsOf(output(), /^Cleo +(.+)$/m);
    const wei = (row: string): bigint =>
      amountsOf(output(), new RegExp(`^${row} +(\\S+)$`, "m"))[0] ?? 0n;
    const spent = [
      wei("gas of the delivery"),
      wei("gas of a message"),
      wei("gas of the withdrawal"),
    ];
    expect(spent.every((amount) => amount > 0n)).to.equal(true);
    expect(wei("gas money")).to.equal((gasMoney ?? 0n) * 10n ** 12n);
    expect(wei("withdrawn")).to.equal((claimed ?? 0n) * 10n ** 12n);
    expect(
      spent.reduce((total, amount) => total + amount) + wei("withdrawn") + wei("left"),
    ).to.equal(wei("gas money"));
    expect(output()).to.match(/and the appchain refuses 1001: InvalidPayloadSize/);

    const [, url = ""] = await prints(/^appchain +(http:\S+)/m);
    const chain = await connectChain({ url, chainId: 31339 });
    const { default: book } = await import("../../deployments/devnet.json", {
      with: { type: "json" },
    });
    const publisher = await createPublisher({
      chain,
      account: privateKeyToAccount(PAYER),
      addresses: parseAddressBook(book, "deployments/devnet.json"),
    });
    const groupId = "0x00112233445566778899aabbccddeeff";
    await publisher.publishGroupMessage({ groupId, payload: new Uint8Array(78) });
    await publisher.close();
    await prints(/^ {2}\(0, 12\).*message to group 0x001122334455/m);

    child.kill("SIGINT");
    expect(await exitCode).to.equal(0);
    first = output();
    const { port } = new URL(url);
    await new Promise(
      (resolve) => void takePort(Number(port)).then((server) => server.close(resolve)),
    );
  });

  it("goes on with the same contracts, nodes and logs the next time", async () => {
    const { child, prints, output, exitCode } = run(...anyPorts, "--state", state);
    await prints(/^ {2}\(0, 12\).*message to group 0x001122334455/m);
    child.kill("SIGINT");

    expect(await exitCode).to.equal(0);
    expect(output()).to.match(/everything of the last run is there: 3 nodes/);
    for (const kept of [
      /^ {2}[A-Z]\w+ +0x\w{40}$/gm,
      /^\d00 +http.*$/gm,
      /^ {2}\(\d, \d+\) .*$/gm,
    ]) {
      const lines = first.match(kept) ?? [];
      expect(lines).not.to.have.length(0);
      expect((output().match(kept) ?? []).toSorted()).to.deep.equal(lines.toSorted());
    }
  });

  it("forgets all of it on --reset", async () => {
    const { output, exitCode } = run(...anyPorts, "--state", state, "--reset", "--once");

    expect(await exitCode, output()).to.equal(0);
    expect(output())
      .to.match(/10 group messages published, ids 1 to 10/)
      .and.not.to.include("of the last run");
  });

  it("stops cleanly when interrupted while it deploys", async () => {
    const { child, prints, exitCode } = run(...anyPorts, "--state", state, "--reset");
    await prints(/things to do/);
    child.kill("SIGINT");

    expect(await exitCode).to.equal(0);
  });

  it("names a taken port that was asked for, and how to go on", async () => {
    const server = await takePort(0);
    const { port } = server.address() as AddressInfo;
    const { output, exitCode } = run(
      "--settlement-port",
      String(port),
      "--appchain-port",
      "0",
      "--once",
    );

    expect(await exitCode).to.equal(1);
    expect(output())
      .to.contain(String(port))
      .and.to.match(/hint: /);
    server.close();
  });

  it("takes free ports when the usual ones are taken and none were asked for", async () => {
    // Somebody else may hold it already: then it is taken all the same.
    const server = await takePort(8545).catch(() => undefined);
    const { prints, exitCode } = run("--once");
    await prints(/taking free ports instead/);

    expect(await exitCode).to.equal(0);
    server?.close();
  });

  for (const [name, args] of [
    ["port", ["--settlement-port", "70000"]],
    ["block time", ["--block-time", "soon"]],
    ["option", ["--loud"]],
  ] as const) {
    it(`refuses a wrong ${name} at once`, async () => {
      const { output, exitCode } = run(...args);

      expect(await exitCode).to.equal(1);
      expect(output()).to.match(/^error: /m);
    });
  }
});
