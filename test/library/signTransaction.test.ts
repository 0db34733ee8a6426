import { expect } from "chai";
import type { Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";

import { signTransaction } from "../../src/publisher/signTransaction.ts";

const ACCOUNT = privateKeyToAccount(
  "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
);
const TO = "0x57541c0c1a76380Ed08cf6004FCe9EC11d522391";

describe("signTransaction", () => {
  const fees = { maxFeePerGas: 3_000_000_000n, maxPriorityFeePerGas: 1_000_000_000n };
  const noFees = { maxFeePerGas: 0n, maxPriorityFeePerGas: 0n };

  for (const { name, nonce, gas, data, offered } of [
    { name: "a small call", nonce: 7, gas: 100_000n, data: "0x7e4af76c01" as Hex, offered: fees },
    {
      name: "no data, nonce 0 and no fees",
      nonce: 0,
      gas: 21_000n,
      data: "0x" as Hex,
      offered: noFees,
    },
    {
      name: "a byte that RLP writes without a length",
      nonce: 127,
      gas: 21_016n,
      data: "0x7f" as Hex,
      offered: fees,
    },
    {
      name: "a full batch",
      nonce: 70_000,
      gas: 15_000_000n,
      data: `0x${"00ff7f80".repeat(23_000)}` as Hex,
      offered: fees,
    },
  ]) {
    for (const chainId of [31339, 1]) {
      it(`equals viem's for ${name} on chain ${chainId}`, async () => {
        const common = { chainId, nonce, gas, to: TO, data } as const;

        expect(
          await signTransaction(ACCOUNT, { ...common, fees: offered, hasBaseFee: true }),
        ).to.equal(await ACCOUNT.signTransaction({ ...common, ...offered, type: "eip1559" }));
        expect(
          await signTransaction(ACCOUNT, { ...common, fees: offered, hasBaseFee: false }),
        ).to.equal(
          await ACCOUNT.signTransaction({
            ...common,
            gasPrice: offered.maxFeePerGas,
            type: "legacy",
          }),
        );
      });
    }
  }

  it("leaves it to an account that signs no bare hashes, such as one in a hardware module", async () => {
    const { sign: _, ...module } = ACCOUNT;
    const transaction = {
      chainId: 1,
      nonce: 1,
      gas: 21_000n,
      to: TO,
      data: "0x",
      fees,
      hasBaseFee: true,
    } as const;

    expect(await signTransaction(module, transaction)).to.equal(
      await signTransaction(ACCOUNT, transaction),
    );
  });
});
