import { expect } from "chai";
import {
  MaxUint256,
  TypedDataEncoder,
  ZeroAddress,
  ZeroHash,
  concat,
  id,
  keccak256,
  toBeHex,
} from "ethers";

import { FUNDS, deployFundedMoney, type MoneyFixture } from "../../../helpers/deployMoney.ts";
import { eventsOf } from "../../../helpers/eventsOf.ts";
import { ethers, loadFixture, networkHelpers } from "../../../helpers/network.ts";
import {
  PERMIT_TYPES,
  USELESS_PERMIT,
  malleated,
  permitDomain,
  signPermit,
} from "../../../helpers/signPermit.ts";

const TOKENS = [
  { name: "FeeToken", domainName: "XMTP USD Fee Token", key: "feeToken" },
  { name: "MockUnderlyingFeeToken", domainName: "Mock USD", key: "underlying" },
] as const;

for (const { name, domainName, key } of TOKENS) {
  describe(`${name}: permits`, () => {
    async function withToken(): Promise<MoneyFixture & { token: MoneyFixture[typeof key] }> {
      const fixture = await deployFundedMoney();
      return { ...fixture, token: fixture[key] };
    }

    it("approve by signature, on anybody's call, count up, and announce it", async () => {
      const { token, payer, other, stranger } = await loadFixture(withToken);
      const permit = await signPermit(token, payer, other, 5n);

      expect(
        await eventsOf(await token.connect(stranger).permit(payer, other, 5n, ...permit), token),
      ).to.deep.equal([["Approval", payer.address, other.address, 5n]]);
      expect(await token.allowance(payer, other)).to.equal(5n);
      expect(await token.nonces(payer)).to.equal(1n);
      expect(await token.nonces(other)).to.equal(0n);
    });

    it("replace an allowance, also by none", async () => {
      const { token, payer, other } = await loadFixture(withToken);

      for (const value of [MaxUint256, 1n, 0n]) {
        await token.permit(payer, other, value, ...(await signPermit(token, payer, other, value)));
        expect(await token.allowance(payer, other)).to.equal(value);
      }
    });

    it("are valid at their deadline, and not a second later", async () => {
      const { token, payer, other } = await loadFixture(withToken);
      const deadline = BigInt(await networkHelpers.time.latest()) + 100n;
      const permit = await signPermit(token, payer, other, 5n, { deadline });

      await networkHelpers.time.setNextBlockTimestamp(deadline);
      await token.permit(payer, other, 5n, ...permit);
      expect(await token.allowance(payer, other)).to.equal(5n);

      const late = await signPermit(token, payer, other, 6n, { deadline });
      await networkHelpers.time.setNextBlockTimestamp(deadline + 1n);
      await expect(token.permit(payer, other, 6n, ...late))
        .to.be.revertedWithCustomError(token, "ERC2612ExpiredSignature")
        .withArgs(deadline);
    });

    it("can be used once, and in the order of their nonces", async () => {
      const { token, payer, other } = await loadFixture(withToken);
      const first = await signPermit(token, payer, other, 5n);
      const second = await signPermit(token, payer, other, 6n, { nonce: 1n });

      await expect(token.permit(payer, other, 6n, ...second)).to.be.revertedWithCustomError(
        token,
        "ERC2612InvalidSigner",
      );
      await token.permit(payer, other, 5n, ...first);
      await expect(token.permit(payer, other, 5n, ...first)).to.be.revertedWithCustomError(
        token,
        "ERC2612InvalidSigner",
      );
      await token.permit(payer, other, 6n, ...second);
      expect(await token.allowance(payer, other)).to.equal(6n);
    });

    it("are not of another token, chain or version", async () => {
      const { token, payers, payer, other } = await loadFixture(withToken);
      const domain = await permitDomain(token, domainName);
      const message = {
        owner: payer.address,
        spender: other.address,
        value: 5n,
        nonce: 0n,
        deadline: MaxUint256,
      };
      const permitFor = async (change: object) => {
        const signature = await payer.signTypedData(
          { ...domain, ...change },
          PERMIT_TYPES,
          message,
        );
        const { v, r, s } = ethers.Signature.from(signature);
        return [MaxUint256, v, r, s] as const;
      };

      for (const change of [
        { name: "Another Token" },
        { version: "2" },
        { chainId: domain.chainId + 1n },
        { verifyingContract: await payers.getAddress() },
      ]) {
        await expect(
          token.permit(payer, other, 5n, ...(await permitFor(change))),
          Object.keys(change).join(),
        ).to.be.revertedWithCustomError(token, "ERC2612InvalidSigner");
      }
      await token.permit(payer, other, 5n, ...(await permitFor({})));
    });

    describe("refuse, in this order,", () => {
      it("a deadline that is over", async () => {
        const { token, payer } = await loadFixture(withToken);
        const [, ...useless] = malleated(USELESS_PERMIT);

        await expect(token.permit(payer, ZeroAddress, 5n, 1n, ...useless))
          .to.be.revertedWithCustomError(token, "ERC2612ExpiredSignature")
          .withArgs(1n);
      });

      it("a signature with a high s", async () => {
        const { token, payer } = await loadFixture(withToken);
        const permit = malleated(USELESS_PERMIT);

        await expect(token.permit(payer, ZeroAddress, 5n, ...permit))
          .to.be.revertedWithCustomError(token, "ECDSAInvalidSignatureS")
          .withArgs(permit[3]);
      });

      it("a signature of nobody, also for the zero address", async () => {
        const { token, payer } = await loadFixture(withToken);

        for (const owner of [payer.address, ZeroAddress]) {
          for (const v of [0, 26, 29]) {
            await expect(
              token.permit(owner, ZeroAddress, 5n, MaxUint256, v, toBeHex(1, 32), toBeHex(1, 32)),
            ).to.be.revertedWithCustomError(token, "ECDSAInvalidSignature");
          }
        }
      });

      it("a signature of somebody else", async () => {
        const { token, payer, other } = await loadFixture(withToken);
        const [deadline, v, r, s] = await signPermit(token, other, payer, 5n);
        const digest = TypedDataEncoder.hash(await permitDomain(token, domainName), PERMIT_TYPES, {
          owner: payer.address,
          spender: ZeroAddress,
          value: 5n,
          nonce: 0n,
          deadline,
        });

        await expect(token.permit(payer, ZeroAddress, 5n, deadline, v, r, s))
          .to.be.revertedWithCustomError(token, "ERC2612InvalidSigner")
          .withArgs(ethers.recoverAddress(digest, { v, r, s }), payer.address);
      });

      it("nobody as spender, and leave the nonce", async () => {
        const { token, payer } = await loadFixture(withToken);
        const spender = { getAddress: () => Promise.resolve(ZeroAddress) };
        const permit = await signPermit(token, payer, spender, 5n);

        await expect(token.permit(payer, ZeroAddress, 5n, ...permit))
          .to.be.revertedWithCustomError(token, "ERC20InvalidSpender")
          .withArgs(ZeroAddress);
        expect(await token.nonces(payer)).to.equal(0n);
      });
    });

    it("belong to a domain that everybody computes alike", async () => {
      const { token } = await loadFixture(withToken);
      const domain = await permitDomain(token, domainName);

      expect(await token.DOMAIN_SEPARATOR()).to.equal(TypedDataEncoder.hashDomain(domain));
      expect(await token.eip712Domain()).to.deep.equal([
        "0x0f",
        domainName,
        "1",
        domain.chainId,
        domain.verifyingContract,
        ZeroHash,
        [],
      ]);
    });
  });
}

describe("FeeToken.getPermitDigest", () => {
  it("is what an owner signs, for any nonce", async () => {
    const { feeToken, payer, payers } = await loadFixture(deployFundedMoney);
    const domain = await permitDomain(feeToken, "XMTP USD Fee Token");

    for (const nonce of [0n, 1n, MaxUint256]) {
      const message = {
        owner: payer.address,
        spender: await payers.getAddress(),
        value: FUNDS,
        nonce,
        deadline: 42n,
      };
      const digest = await feeToken.getPermitDigest(payer, payers, FUNDS, nonce, 42n);

      expect(digest).to.equal(TypedDataEncoder.hash(domain, PERMIT_TYPES, message));
      expect(digest).to.equal(
        keccak256(
          concat([
            "0x1901",
            await feeToken.DOMAIN_SEPARATOR(),
            TypedDataEncoder.hashStruct("Permit", PERMIT_TYPES, message),
          ]),
        ),
      );
    }
  });

  it("has the type hash of EIP-2612", async () => {
    const { feeToken } = await loadFixture(deployFundedMoney);

    expect(await feeToken.PERMIT_TYPEHASH()).to.equal(
      "0x6e71edae12b1b97f4d1f60370fef10105fa2faae0126114a169c64845d6126c9",
    );
    expect(await feeToken.PERMIT_TYPEHASH()).to.equal(
      id("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
    );
  });
});
