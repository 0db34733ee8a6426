import { expect } from "chai";

import { feeTokenAbi } from "../../src/abi/index.ts";
import {
  parseNetworkParameters,
  type NetworkParameters,
} from "../../src/deployment/networkParameters.ts";
import { emptyChains, remember, type EmptyChains } from "../helpers/emptyChains.ts";

const SOMEWHERE = "0x00000000000000000000000000000000000000aa";
/** Answers 18 to any call. */
const EIGHTEEN = "0x60125f5260205ff3";

describe("an underlying token of somebody else", () => {
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

  const wrapping = (underlyingToken: string, edition = 0): NetworkParameters =>
    parseNetworkParameters({
      ...network.parameters,
      edition,
      settlement: { ...network.parameters.settlement, underlyingToken },
    });

  it("is wrapped as it is, and no mock is deployed", async () => {
    const { deploy, settlement, plan } = network;
    const { addressBook: other } = await deploy();
    const parameters = wrapping(other.underlyingFeeToken, 1);
    const { addressBook, status } = await deploy({ parameters });
    expect(status.done).to.equal(true);
    expect(addressBook.underlyingFeeToken).to.equal(other.underlyingFeeToken);
    expect(
      await settlement.readContract({
        address: addressBook.feeToken,
        abi: feeTokenAbi,
        functionName: "underlying",
      }),
    ).to.equal(other.underlyingFeeToken);
    const names = plan(parameters).settlement.contracts.map(({ name }) => name);
    expect(names).not.to.include("MockUnderlyingFeeToken");
    expect((await deploy({ parameters })).transactions).to.equal(0);
  });

  it("is refused where there is no contract, or one with other decimals, before anything is sent", async () => {
    const { deploy, sent, chains } = network;
    const refused = async () => {
      const error = await deploy({ parameters: wrapping(SOMEWHERE) }).catch(
        (reason: unknown) => reason,
      );
      expect(error).to.include({ code: "UNDERLYING_TOKEN_UNFIT", retryable: false });
      expect(await sent()).to.deep.equal([0, 0]);
    };
    await refused();
    await chains.settlement.provider.request({
      method: "hardhat_setCode",
      params: [SOMEWHERE, EIGHTEEN],
    });
    await refused();
  });
});
