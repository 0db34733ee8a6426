import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import type { Eip1193Provider } from "../../deploy/chainConnection.ts";
import { bridgedChains, type BridgedChains } from "../helpers/bridgedChains.ts";
import { caughtError } from "../helpers/caughtError.ts";
import { emptyChains, remember, type EmptyChains } from "../helpers/emptyChains.ts";

/** What a deployment on empty chains sends: the settlement chain has the longer list. */
const LONGEST = 28;
/** What the rest sends once there is a bridge, on both chains. */
const CROSSING = 25;

describe("an interrupted deployNetwork", () => {
  let network: EmptyChains;
  let forget: () => Promise<void>;
  before(async () => {
    network = await emptyChains();
  });
  after(() => network.stop());
  beforeEach(async () => {
    forget = await remember(network.chains);
  });
  afterEach(() => forget());

  it(`sends at most ${LONGEST} transactions on a chain, so that the cases below are all there are`, async () => {
    await network.deploy();
    expect(Math.max(...(await network.sent()))).to.be.at.most(LONGEST);
  });

  for (let count = 0; count < LONGEST; count += 1) {
    for (const moment of ["before", "after"] as const) {
      it(`is finished by the next run when it dies ${moment} sending transaction ${count + 1}`, async () => {
        const { deploy, sent, chains } = network;
        const providers = {
          settlement: dyingProvider(chains.settlement.provider, count, moment),
          appchain: dyingProvider(chains.appchain.provider, count, moment),
        };
        const error = await deploy(providers).catch((reason: unknown) => reason);
        expect(error).to.include({ code: "DEPLOY_INTERRUPTED", retryable: true });

        expect((await deploy()).status.items.filter(({ outcome }) => !outcome.done)).to.deep.equal(
          [],
        );
        const before = await sent();
        expect((await deploy()).transactions, "and a third run has nothing to do").to.equal(0);
        expect(await sent()).to.deep.equal(before);
      });
    }
  }

  for (const transactions of [3, 9, 21]) {
    it(`is finished by the next run when the process is killed after ${transactions} transactions`, async () => {
      const { chains, deploy } = network;
      await Promise.all([chains.settlement.setBlockTime(30), chains.appchain.setBlockTime(30)]);
      const child = spawn(
        process.execPath,
        [
          fileURLToPath(new URL("../helpers/deployProcess.ts", import.meta.url)),
          chains.settlement.url,
          chains.appchain.url,
          chains.accounts[0]?.privateKey ?? "",
        ],
        { stdio: ["ignore", "pipe", "inherit"] },
      );
      let sent = 0;
      for await (const line of createInterface(child.stdout)) {
        if (line === "sent") sent += 1;
        if (sent === transactions) child.kill("SIGKILL");
      }
      if (child.signalCode === null) await once(child, "exit");
      expect(child.signalCode).to.equal("SIGKILL");

      expect((await deploy()).status.done).to.equal(true);
      await Promise.all([
        chains.settlement.setBlockTime("automine"),
        chains.appchain.setBlockTime("automine"),
      ]);
    });
  }
});

describe("an interrupted deployNetwork over a bridge", () => {
  let network: BridgedChains;
  let forget: () => Promise<void>;
  before(async () => {
    network = await bridgedChains();
  });
  after(() => network.stop());
  beforeEach(async () => {
    forget = await network.remember();
  });
  afterEach(() => forget());

  it(`sends ${CROSSING} transactions, so that the cases below are all there are`, async () => {
    expect((await network.deploy()).transactions).to.equal(CROSSING);
  });

  // Both chains die in one moment, as one process does.
  for (let count = 0; count < CROSSING; count += 1) {
    for (const moment of ["before", "after"] as const) {
      it(`is finished by the next run when it dies ${moment} sending transaction ${count + 1} of both chains`, async () => {
        const { deploy, sent, chains } = network;
        const { settlement, appchain } = chains;
        const life = createLife(count, moment);
        const dying = {
          settlement: life(settlement.provider),
          appchain: life(appchain.provider),
        };
        const error = await caughtError(deploy(dying));
        expect(error).to.include({ code: "DEPLOY_INTERRUPTED", retryable: true });

        const { status } = await deploy();
        expect(status.items.filter(({ outcome }) => !outcome.done)).to.deep.equal([]);
        const before = await sent();
        expect((await deploy()).transactions, "and a third run has nothing to do").to.equal(0);
        expect(await sent()).to.deep.equal(before);
        expect(network.errors).to.deep.equal([]);
      });
    }
  }
});

/** Answers until it is to send one more than `count` transactions; before or after sending that, it is dead for good. */
function dyingProvider(
  provider: Eip1193Provider,
  count: number,
  moment: "before" | "after",
): Eip1193Provider {
  return createLife(count, moment)(provider);
}

/** The same for any number of providers that live and die together. */
function createLife(
  count: number,
  moment: "before" | "after",
): (provider: Eip1193Provider) => Eip1193Provider {
  let left = count;
  let dead = false;
  const die = (): never => {
    dead = true;
    throw new Error("the process is gone");
  };
  return (provider) => ({
    request: async (request) => {
      if (dead) return die();
      if (!request.method.startsWith("eth_send")) return provider.request(request);
      const last = left <= 0;
      left -= 1;
      if (last && moment === "before") return die();
      const hash: unknown = await provider.request(request);
      return last ? die() : hash;
    },
  });
}
