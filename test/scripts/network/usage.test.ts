import { expect } from "chai";

import { runNetwork } from "../../helpers/runNetwork.ts";

describe("npm run network", () => {
  it("prints its usage when called bare, and so does every group of commands", async () => {
    const money = ["rates", "tokens", "payers", "bridge", "reports", "rewards"];
    const groups = ["nodes", "parameters", ...money];
    const calls = [
      [],
      ["payers", "withdraw"],
      ...[...groups, "publish", "follow"].map((group) => [group]),
    ];
    const runs = await Promise.all(calls.map((args) => runNetwork(args)));
    runs.forEach(({ code, stdout, stderr }, index) => {
      expect(code, String(calls[index])).to.equal(0);
      expect(stdout)
        .to.match(/^Usage: network/u)
        .and.to.include("Commands:");
      expect(stderr).to.equal("");
    });
  });

  it("explains exit codes, keys and environment variables in --help", async () => {
    const [{ stdout: root }, { stdout: deploy }] = await Promise.all([
      runNetwork(["--help"]),
      runNetwork(["deploy", "--help"]),
    ]);
    expect(root).to.include("75  try again");
    expect(deploy).to.include("75  try again").and.to.include("PRIVATE_KEY");
    expect(deploy).to.include("SETTLEMENT_RPC_URL").and.to.include("--yes");
    expect(deploy).not.to.include("--private-key");
  });

  it("refuses unknown commands and options, with a hint", async () => {
    const calls = [
      ["frobnicate"],
      ["nodes", "frobnicate"],
      ["status", "--frobnicate"],
      ["nodes", "get"],
      ["nodes", "list", "extra"],
    ];
    const runs = await Promise.all(calls.map((args) => runNetwork(args)));
    runs.forEach(({ code, stdout, stderr }, index) => {
      expect(code, String(calls[index])).to.equal(1);
      expect(stdout).to.equal("");
      expect(stderr).to.match(/^error: .+\nhint: /u);
    });
  });

  it("does not repeat a key that somebody passes as a flag", async () => {
    const PRIVATE_KEY = `0x${"5a".repeat(32)}`;
    // PRIVATE_KEY in the environment makes runNetwork look for it in the output.
    const run = await runNetwork(["deploy", `--private-key=${PRIVATE_KEY}`], {
      env: { PRIVATE_KEY },
    });
    expect(run.code).to.equal(1);
    expect(run.stderr).to.include("unknown option");
  });
});

describe("bad input", () => {
  const GROUP_ID = "00112233445566778899aabbccddeeff";
  const OWNER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
  const SIGNING_KEY = "0x02ba5734d8f7091719471e7f7ed6b9df170dc70cc661ca05e688601ad984f068b0";
  const adding = (owner: string, key: string, url: string): string[] => [
    "nodes",
    "add",
    ...["--owner", owner, "--signing-public-key", key, "--http-address", url],
  ];

  const CASES: readonly (readonly [string, string[], RegExp, string?])[] = [
    ["a name of a network", ["status", "--network", "../x"], /--network/u],
    ["a network without parameters", ["status", "--network", "nowhere"], /"nowhere"/u],
    ["a network without address book", ["nodes", "list", "--network", "nowhere"], /nowhere\.json/u],
    ["a URL", ["status", "--settlement-rpc", "host:8545"], /--settlement-rpc/u],
    ["a node id", ["nodes", "get", "7"], /"7" is not a node id/u],
    ["an HTTP address", adding(OWNER, SIGNING_KEY, "n:1"), /HTTP address of a node/u],
    ["a key of a parameter", ["parameters", "get", "xmtp.nope"], /xmtp\.nope/u],
    ["an assignment", ["parameters", "set", "xmtp.nodeRegistry.admin"], /not key=value/u],
    ["a contract", ["parameters", "apply", "Escrow"], /"Escrow"/u],
    ["a group id", ["publish", "group-message", "0x12", "--hex", "0x12"], /a group id is 16/u],
    ["a payload", ["publish", "group-message", GROUP_ID, "--hex", "0x1"], /not hex of whole/u],
    ["a line", ["publish", "group-message"], /line 2/u, `${GROUP_ID} 0x12\n0x12\n`],
    ["a cursor", ["follow", "nodes", "--from", "12:1"], /--from/u],
    ["a transaction", ["bridge", "status", "0x12"], /"0x12" is not the hash/u],
    ["a claim", ["bridge", "claim", "0x12"], /"0x12" is not the hash/u],
    ["a wait", ["bridge", "status", `0x${"12".repeat(32)}`, "--wait", "0"], /--wait/u],
    ["gas", ["bridge", "quote", "--gas-limit", "1e6"], /--gas-limit: expected a whole number/u],
    ["a deposit", ["bridge", "deposit", "1,5"], /"1,5" is not an amount of dollars/u],
    ["a withdrawal", ["bridge", "withdraw", "0"], /amount is 0/u],
    ["a group to follow", ["follow", "group-messages", "0x12"], /a group id is 16/u],
  ];

  it("is refused with an error that names it and a hint, before any chain is asked", async () => {
    // Nobody listens there: a command that asked would end with 75.
    const env = {
      SETTLEMENT_RPC_URL: "http://127.0.0.1:1",
      APPCHAIN_RPC_URL: "http://127.0.0.1:1",
    };
    const queue = [...CASES];
    const worker = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const [name, args, pattern, input] = next;
        const { code, stdout, stderr } = await runNetwork(args, {
          env,
          ...(input !== undefined && { input }),
        });
        expect(stderr, name)
          .to.match(pattern)
          .and.to.match(/^error: .+\nhint: .+\n$/u);
        expect({ code, stdout }, name).to.deep.equal({ code: 1, stdout: "" });
      }
    };
    await Promise.all([worker(), worker()]);
  });

  it("is a private key that is not one; nothing of it is printed", async () => {
    const PRIVATE_KEY = "not-a-key-but-a-secret";
    const { code, stderr } = await runNetwork(["deploy"], { env: { PRIVATE_KEY } });
    expect(code).to.equal(1);
    expect(stderr).to.include("PRIVATE_KEY").and.not.to.include("secret");
  });

  it("is told apart from a node that does not answer, whose credentials are not printed", async () => {
    const env = { SETTLEMENT_RPC_URL: "http://user:hunter2@127.0.0.1:1/v2/0123456789abcdef0123" };
    const { code, stderr } = await runNetwork(["nodes", "list"], { env });
    expect(code).to.equal(75);
    expect(stderr)
      .to.include("does not answer")
      .and.not.to.match(/hunter2|0123456789abcdef/u);
  });
});
