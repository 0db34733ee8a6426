import type { ContractTransactionResponse } from "ethers";

import type { AppchainParameters, SettlementParameters } from "../../typechain-types/index.js";
import {
  AppchainParameters__factory,
  SettlementParameters__factory,
} from "../../typechain-types/index.js";
import type { Bench } from "./createBench.ts";
import { word } from "./word.ts";

/** The parameter registries of both chains, whose administrator is the deployer. */
export async function measureParameters({ deployer, deployProxied, record }: Bench): Promise<{
  settlementParameters: SettlementParameters;
  appchainParameters: AppchainParameters;
}> {
  const settlementParameters = SettlementParameters__factory.connect(
    await deployProxied(
      "SettlementChainParameterRegistry",
      new SettlementParameters__factory(deployer).deploy(),
      SettlementParameters__factory.createInterface().encodeFunctionData("initialize", [
        [deployer.address],
      ]),
    ),
    deployer,
  );
  const appchainParameters = AppchainParameters__factory.connect(
    await deployProxied(
      "AppChainParameterRegistry",
      new AppchainParameters__factory(deployer).deploy(),
      AppchainParameters__factory.createInterface().encodeFunctionData("initialize", [
        [deployer.address],
      ]),
    ),
    deployer,
  );

  const setOne = (value: number): Promise<ContractTransactionResponse> =>
    settlementParameters["set(string,bytes32)"]("xmtp.rateRegistry.messageFee", word(value));
  const setMany = (count: number, value: number): Promise<ContractTransactionResponse> => {
    const keys = Array.from(
      { length: count },
      (_, index) => `xmtp.rateRegistry.messageFee${index === 0 ? "" : index}`,
    );
    return settlementParameters["set(string[],bytes32[])"](
      keys,
      keys.map(() => word(value)),
    );
  };

  await record("parameterRegistry.set.string.1.first", "set(string,bytes32), new key", setOne(100));
  await record("parameterRegistry.set.string.1", "set(string,bytes32), existing key", setOne(101));
  await record(
    "parameterRegistry.set.array.1",
    "set(string[],bytes32[]), 1 existing key",
    setMany(1, 102),
  );
  await record(
    "parameterRegistry.set.array.10.first",
    "set(string[],bytes32[]), 9 new keys and 1 existing",
    setMany(10, 103),
  );
  await record(
    "parameterRegistry.set.array.10",
    "set(string[],bytes32[]), 10 existing keys",
    setMany(10, 104),
  );

  return { settlementParameters, appchainParameters };
}
