import { MaxUint256 } from "ethers";

import type {
  DepositSplitter,
  FeeToken,
  MockUnderlyingFeeToken,
  Payers,
  SettlementGateway,
  SettlementParameters,
} from "../../typechain-types/index.js";
import {
  DepositSplitter__factory,
  FeeToken__factory,
  MockUnderlyingFeeToken__factory,
  Payers__factory,
  SettlementGateway__factory,
} from "../../typechain-types/index.js";
import type { Bench } from "./createBench.ts";
import { word } from "./word.ts";

export interface Money {
  readonly parameters: SettlementParameters;
  readonly underlying: MockUnderlyingFeeToken;
  readonly feeToken: FeeToken;
  readonly payers: Payers;
  readonly gateway: SettlementGateway;
  readonly splitter: DepositSplitter;
}

/** More than a deposit takes. Given for deposits that prepare something, as an estimate takes as long as the deposit. */
export const DEPOSIT_GAS = 200_000;

/** The mainnet's: zero bytes would cost less. */
export const APPCHAIN_ID = 241_320_162n;

/**
 * The tokens, the escrow with the settings of the mainnet, the gateway with an inbox that does next to nothing, and the
 * splitter. The deployer holds both tokens, has allowed everybody everything, and settles; fees go to nobody in particular.
 */
export async function deployMoney(
  { bytes, deployer, deploy, deployProxied, ethers }: Bench,
  parameters: SettlementParameters,
): Promise<Money> {
  const registry = await parameters.getAddress();

  const underlying = MockUnderlyingFeeToken__factory.connect(
    await deployProxied(
      "MockUnderlyingFeeToken",
      new MockUnderlyingFeeToken__factory(deployer).deploy(registry),
    ),
    deployer,
  );
  const feeToken = FeeToken__factory.connect(
    await deployProxied(
      "FeeToken",
      new FeeToken__factory(deployer).deploy(registry, await underlying.getAddress()),
    ),
    deployer,
  );
  const payers = Payers__factory.connect(
    await deployProxied(
      "PayerRegistry",
      new Payers__factory(deployer).deploy(registry, await feeToken.getAddress()),
    ),
    deployer,
  );
  const gateway = SettlementGateway__factory.connect(
    await deployProxied(
      "SettlementChainGateway",
      new SettlementGateway__factory(deployer).deploy(
        registry,
        bytes(20),
        await feeToken.getAddress(),
      ),
    ),
    deployer,
  );
  const splitter = DepositSplitter__factory.connect(
    await deploy(
      "DepositSplitter",
      new DepositSplitter__factory(deployer).deploy(
        await feeToken.getAddress(),
        await payers.getAddress(),
        await gateway.getAddress(),
        APPCHAIN_ID,
      ),
    ),
    deployer,
  );

  const inbox = await ethers.deployContract("StandInInbox", [feeToken, bytes(20)]);

  await parameters["set(string[],bytes32[])"](
    [
      "xmtp.payerRegistry.settler",
      "xmtp.payerRegistry.feeDistributor",
      "xmtp.payerRegistry.minimumDeposit",
      "xmtp.payerRegistry.withdrawLockPeriod",
      `xmtp.settlementChainGateway.inbox.${APPCHAIN_ID}`,
    ],
    [
      word(deployer.address),
      word(bytes(20)),
      word(10_000_000),
      word(172_800),
      word(await inbox.getAddress()),
    ],
  );
  await payers.updateAll();
  await gateway.updateInbox(APPCHAIN_ID);

  await underlying.mint(deployer, 10n ** 15n);
  for (const spender of [feeToken, payers, gateway, splitter]) {
    await underlying.approve(spender, MaxUint256);
  }
  await feeToken.deposit(10n ** 14n);
  for (const spender of [payers, gateway, splitter]) await feeToken.approve(spender, MaxUint256);

  return { parameters, underlying, feeToken, payers, gateway, splitter };
}
