import { ZeroAddress, getAddress, toBeHex } from "ethers";
import type { ContractTransactionResponse } from "ethers";

import { confirmExit, deployLightBridge } from "../lightBridge.ts";
import type { AppchainParameters } from "../../typechain-types/index.js";
import { AppchainGateway__factory } from "../../typechain-types/index.js";
import type { Bench } from "./createBench.ts";
import type { Money } from "./deployMoney.ts";
import { word } from "./word.ts";

/** An appchain whose bridge is that of Arbitrum. */
const APPCHAIN_ID = 351_243_127n;

/** Microdollars. */
const AMOUNT = 10_000_000n;
const GAS_LIMIT = 200_000n;
const MAX_FEE_PER_GAS = 2_000_000_000n;

/** Wei of the appchain in a microdollar. */
const UNIT = 10n ** 12n;

const KEYS = ["groupMessageBroadcaster", "identityUpdateBroadcaster"].flatMap((contract) =>
  ["minPayloadSize", "maxPayloadSize", "paused", "payloadBootstrapper"].map(
    (name) => `xmtp.${contract}.${name}`,
  ),
);
const FIRST_KEYS = KEYS.slice(0, 1);

/** Both gateways with Arbitrum's own inbox, bridge and outbox, which cost what they cost. */
export async function measureGateways(
  bench: Bench,
  { feeToken, gateway, parameters }: Money,
  appchainParameters: AppchainParameters,
): Promise<void> {
  const { bytes, deployer, ethers, impersonate, record } = bench;
  const bridge = await deployLightBridge(feeToken, ethers);
  await parameters["set(string[],bytes32[])"](
    [`xmtp.settlementChainGateway.inbox.${APPCHAIN_ID}`, ...KEYS],
    [word(await bridge.inbox.getAddress()), ...KEYS.map(() => word(1))],
  );

  // To the appchain

  await record(
    "settlementChainGateway.updateInbox",
    "SettlementGateway.updateInbox",
    gateway.updateInbox(APPCHAIN_ID),
  );
  const deposit = () => gateway.deposit(APPCHAIN_ID, deployer, AMOUNT, GAS_LIMIT, MAX_FEE_PER_GAS);
  await record(
    "settlementChainGateway.deposit.arbitrum.first",
    "SettlementGateway.deposit, inbox of Arbitrum, first message",
    deposit(),
  );
  await record(
    "settlementChainGateway.deposit.arbitrum",
    "SettlementGateway.deposit, inbox of Arbitrum",
    deposit(),
  );
  const push = (keys: string[]) =>
    gateway.sendParameters([APPCHAIN_ID], keys, GAS_LIMIT, MAX_FEE_PER_GAS, AMOUNT);
  await record(
    "settlementChainGateway.sendParameters.1",
    "SettlementGateway.sendParameters, inbox of Arbitrum, 1 key, first push",
    push(FIRST_KEYS),
  );
  await record(
    "settlementChainGateway.sendParameters.8",
    "SettlementGateway.sendParameters, inbox of Arbitrum, 8 keys",
    push(KEYS),
  );

  // Back

  const execute = await confirmExit(bridge, 0, {
    sender: ZeroAddress,
    to: gateway,
    value: AMOUNT * UNIT,
    data: gateway.interface.encodeFunctionData("receiveWithdrawal", [bytes(20)]),
  });
  await record(
    "settlementChainGateway.receiveWithdrawal",
    "SettlementGateway.receiveWithdrawal, outbox of Arbitrum, recipient holds none",
    execute(),
  );

  // On the appchain

  const address = await bench.deployProxied(
    "AppChainGateway",
    new AppchainGateway__factory(deployer).deploy(appchainParameters, gateway, 6),
  );
  await appchainParameters["set(string,bytes32)"](
    `xmtp.appChainParameterRegistry.isAdmin.${address.toLowerCase()}`,
    word(1),
  );
  const appchainGateway = AppchainGateway__factory.connect(
    address,
    await impersonate(await gateway.appChainAlias()),
  );

  const recipient = getAddress(bytes(20));
  const receive = () => appchainGateway.receiveDeposit(recipient, { value: AMOUNT * UNIT });
  await record(
    "appChainGateway.receiveDeposit.first",
    "AppchainGateway.receiveDeposit, new account",
    receive(),
  );
  await record("appChainGateway.receiveDeposit", "AppchainGateway.receiveDeposit", receive());

  let nonce = 0;
  const receiveParameters = (keys: string[], value: number): Promise<ContractTransactionResponse> =>
    appchainGateway.receiveParameters(
      ++nonce,
      keys,
      keys.map(() => toBeHex(value, 32)),
    );
  const names = (part: string) => KEYS.map((key) => `${key}.${part}`);
  await record(
    "appChainGateway.receiveParameters.1",
    "AppchainGateway.receiveParameters, 1 new key",
    receiveParameters(names("a").slice(0, 1), 1),
  );
  await record(
    "appChainGateway.receiveParameters.8.first",
    "AppchainGateway.receiveParameters, 8 new keys",
    receiveParameters(names("b"), 1),
  );
  await record(
    "appChainGateway.receiveParameters.8",
    "AppchainGateway.receiveParameters, 8 keys with the values that they have",
    receiveParameters(names("b"), 1),
  );
}
