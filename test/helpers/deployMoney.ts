import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { MaxUint256, type AddressLike } from "ethers";

import type {
  DepositSplitter,
  FeeToken,
  MockUnderlyingFeeToken,
  Payers,
  SettlementGateway,
} from "../../typechain-types/index.ts";
import { accounts } from "./accounts.ts";
import { deployProxy } from "./deployProxy.ts";
import { deployRegistry, type Registry } from "./deployRegistry.ts";
import { deployLightBridge, type LightBridge } from "../../bench/lightBridge.ts";
import { ethers } from "./network.ts";
import type { ParameterValue } from "./parameterValue.ts";
import { setParametersOf } from "./setParametersOf.ts";

/** One dollar of either token. */
export const USD = 1_000_000n;

/** What the production network starts with. */
export const MINIMUM_DEPOSIT = 10n * USD;
export const WITHDRAW_LOCK_PERIOD = 172_800n;

export const APPCHAIN_ID = 31_339n;

/** The other end of the bridge; on this chain, just an address. */
export const APPCHAIN_GATEWAY = "0x000000000000000000000000000000000000A9c4";

/** What the payer of a funded fixture has of either token. */
export const FUNDS = 1_000n * USD;

/** Parameters of the escrow by the last part of their key. */
export type PayersParameters = Readonly<
  Partial<
    Record<
      | "settler"
      | "feeDistributor"
      | "minimumDeposit"
      | "withdrawLockPeriod"
      | "paused"
      | "migrator",
      ParameterValue
    >
  >
>;

/** The tokens, the escrow, the gateway, its bridge and the splitter. All are called by the payer unless somebody else is named. */
export interface MoneyFixture {
  readonly underlying: MockUnderlyingFeeToken;
  readonly feeToken: FeeToken;
  readonly payers: Payers;
  readonly splitter: DepositSplitter;
  readonly gateway: SettlementGateway;
  readonly bridge: LightBridge;
  readonly registry: Registry;
  readonly implementations: {
    readonly underlying: MockUnderlyingFeeToken;
    readonly feeToken: FeeToken;
    readonly payers: Payers;
    readonly gateway: SettlementGateway;
  };
  readonly admin: HardhatEthersSigner;
  readonly payer: HardhatEthersSigner;
  readonly other: HardhatEthersSigner;
  readonly settler: HardhatEthersSigner;
  readonly distributor: HardhatEthersSigner;
  readonly stranger: HardhatEthersSigner;
  /** Writes parameters of the escrow into the registry; nothing is applied by it. */
  setParameters(parameters: PayersParameters): Promise<void>;
  /** The same of the gateway; an inbox is `inbox.` and the id of its chain. */
  setGatewayParameters(parameters: Readonly<Record<string, ParameterValue>>): Promise<void>;
}

/** Deploys them as `initialize` leaves them: no settings, and nobody has tokens. */
export async function deployMoney(): Promise<MoneyFixture> {
  const signers = await accounts(["admin", "payer", "other", "settler", "distributor", "stranger"]);
  const { admin, payer } = signers;
  const { registry } = await deployRegistry("SettlementParameters", [admin.address]);

  const mock = await ethers.deployContract("MockUnderlyingFeeToken", [registry]);
  const underlying = await ethers.getContractAt("MockUnderlyingFeeToken", await proxyOf(mock));
  const { feeToken, implementation } = await deployFeeToken(registry, underlying);
  const payersImplementation = await ethers.deployContract("Payers", [registry, feeToken]);
  const payers = await ethers.getContractAt("Payers", await proxyOf(payersImplementation));
  const gatewayImplementation = await ethers.deployContract("SettlementGateway", [
    registry,
    APPCHAIN_GATEWAY,
    feeToken,
  ]);
  const gateway = await ethers.getContractAt(
    "SettlementGateway",
    await proxyOf(gatewayImplementation),
  );
  const splitter = await ethers.deployContract("DepositSplitter", [
    feeToken,
    payers,
    gateway,
    APPCHAIN_ID,
  ]);

  return {
    ...signers,
    underlying: underlying.connect(payer),
    feeToken: feeToken.connect(payer),
    payers: payers.connect(payer),
    splitter: splitter.connect(payer),
    gateway: gateway.connect(payer),
    bridge: await deployLightBridge(feeToken, ethers),
    registry,
    implementations: {
      underlying: mock,
      feeToken: implementation,
      payers: payersImplementation,
      gateway: gatewayImplementation,
    },
    setParameters: (parameters) => setParametersOf(registry, "xmtp.payerRegistry", parameters),
    setGatewayParameters: (parameters) =>
      setParametersOf(registry, "xmtp.settlementChainGateway", parameters),
  };
}

/** Deploys them with the settings of the production network, and with a bridge to the appchain. */
export async function deployConfiguredMoney(): Promise<MoneyFixture> {
  const fixture = await deployMoney();

  await fixture.setParameters({
    settler: fixture.settler.address,
    feeDistributor: fixture.distributor.address,
    minimumDeposit: MINIMUM_DEPOSIT,
    withdrawLockPeriod: WITHDRAW_LOCK_PERIOD,
  });
  await fixture.payers.updateAll();
  await fixture.setGatewayParameters({
    [`inbox.${APPCHAIN_ID}`]: await fixture.bridge.inbox.getAddress(),
  });
  await fixture.gateway.updateInbox(APPCHAIN_ID);

  return fixture;
}

/** The same, and the payer has `FUNDS` of both tokens, and has approved whoever may take them. */
export async function deployFundedMoney(): Promise<MoneyFixture> {
  const fixture = await deployConfiguredMoney();
  const { underlying, feeToken, payers, gateway, splitter, payer } = fixture;

  await giveFeeTokens(fixture, payer, FUNDS);
  await underlying.mint(payer, FUNDS);
  for (const token of [underlying, feeToken]) {
    for (const spender of [payers, gateway, splitter]) await token.approve(spender, MaxUint256);
  }
  await underlying.approve(feeToken, MaxUint256);

  return fixture;
}

/** Deploys a fee token over any underlying token. */
export async function deployFeeToken(
  registry: AddressLike,
  underlying: AddressLike,
): Promise<{ feeToken: FeeToken; implementation: FeeToken }> {
  const implementation = await ethers.deployContract("FeeToken", [registry, underlying]);

  return {
    feeToken: await ethers.getContractAt("FeeToken", await proxyOf(implementation)),
    implementation,
  };
}

/** Mints underlying tokens, wraps them, and gives them to an account. */
export async function giveFeeTokens(
  { underlying, feeToken, stranger }: Pick<MoneyFixture, "underlying" | "feeToken" | "stranger">,
  account: AddressLike,
  amount: bigint,
): Promise<void> {
  await underlying.mint(stranger, amount);
  await underlying.connect(stranger).approve(feeToken, amount);
  await feeToken.connect(stranger).depositFor(account, amount);
}

/** Puts an implementation without settings to `initialize` behind a proxy. */
async function proxyOf(
  implementation: MockUnderlyingFeeToken | FeeToken | Payers | SettlementGateway,
): Promise<string> {
  const { address } = await deployProxy(
    await implementation.getAddress(),
    implementation.interface.encodeFunctionData("initialize"),
  );
  return address;
}
