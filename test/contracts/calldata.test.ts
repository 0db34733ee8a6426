import { expect } from "chai";
import { AbiCoder, FunctionFragment, concat, dataSlice, type ParamType } from "ethers";

import {
  LOG_KINDS,
  deployConfiguredLog,
  type LogFixture,
  type LogKind,
} from "../helpers/deployLog.ts";
import { encodeCall, encodeError } from "../helpers/encode.ts";
import { ethers, loadFixture } from "../helpers/network.ts";
import { idOf, payloadOf } from "../helpers/payloads.ts";
import { revertData } from "../helpers/revertData.ts";
import { UPGRADEABLES } from "../helpers/upgradeables.ts";

/** A word that no type narrower than 32 bytes has, whichever end it stands at. */
const DIRTY_WORD = `0x${"ff".repeat(32)}`;
const NARROW_TYPE = /^(address|bool|bytes([1-9]|[12]\d|3[01])|uint(8|16|32|64|96|128))$/;

for (const { name, deploy } of UPGRADEABLES) {
  describe(`${name}: calldata`, () => {
    const fixture = () => deploy();

    it("takes value with no function but those for native currency", async () => {
      const { contract, stranger } = await loadFixture(fixture);

      for (const fragment of functionsOf(contract.interface.fragments)) {
        const request = { from: stranger, to: contract, data: concat(callOf(fragment)) };

        // Those refuse the call for its arguments.
        const refusal = expect(await revertData({ ...request, value: 1n }), fragment.format());
        if (fragment.payable) refusal.to.not.equal("0x");
        else refusal.to.equal("0x");
        expect(await revertData(request), fragment.format()).to.not.equal("0x");
      }
    });

    it("refuses plain value, empty calldata and unknown functions", async () => {
      const { contract, stranger } = await loadFixture(fixture);

      for (const request of [{ value: 1n }, { data: "0x" }, { data: "0x12345678" }]) {
        expect(await revertData({ from: stranger, to: contract, ...request })).to.equal("0x");
      }
    });

    it("refuses calldata that ends too early, before any check of its own", async () => {
      const { contract, stranger } = await loadFixture(fixture);

      for (const fragment of functionsOf(contract.interface.fragments)) {
        if (fragment.inputs.length === 0) continue;
        const [selector, head] = callOf(fragment);

        for (const data of [selector, concat([selector, dataSlice(head, 0, 31)])]) {
          expect(
            await revertData({ from: stranger, to: contract, data }),
            fragment.format(),
          ).to.equal("0x");
        }
      }
    });

    it("refuses arguments that do not fit their type, before any check of its own", async () => {
      const { contract, stranger } = await loadFixture(fixture);

      for (const fragment of functionsOf(contract.interface.fragments)) {
        const [selector, head] = callOf(fragment);

        for (const [index, input] of fragment.inputs.entries()) {
          if (!NARROW_TYPE.test(input.type)) continue;
          const dirty = concat([
            dataSlice(head, 0, 32 * index),
            DIRTY_WORD,
            dataSlice(head, 32 * (index + 1)),
          ]);

          expect(
            await revertData({ from: stranger, to: contract, data: concat([selector, dirty]) }),
            `${fragment.format()}, argument ${index}`,
          ).to.equal("0x");
        }
      }
    });
  });
}

async function deployPausedLog(kind: LogKind): Promise<LogFixture> {
  const fixture = await deployConfiguredLog(kind);
  await fixture.setParameters({ paused: true });
  await fixture.log.updatePauseStatus();
  return fixture;
}

for (const kind of LOG_KINDS) {
  describe(`${kind.name}: calldata of elements`, () => {
    const pausedLog = () => deployPausedLog(kind);
    const configuredLog = () => deployConfiguredLog(kind);
    const { bootstrap, addMany } = kind.functions;

    const ids = [idOf(kind, 1), idOf(kind, 2)];
    const payloads = [payloadOf(100), payloadOf(100)];

    it("refuses a sequence id that is no uint64, wherever it stands", async () => {
      const { log, bootstrapper } = await loadFixture(pausedLog);
      const marker = 0x1122_3344_5566_7788n;

      for (const sequenceIds of [
        [marker, 5n],
        [5n, marker],
      ]) {
        const data = soil(encodeCall(log, bootstrap, [ids, payloads, sequenceIds]), marker);

        expect(await revertData({ from: bootstrapper, to: log, data })).to.equal("0x");
      }
    });

    it("reads sequence ids after its own checks", async () => {
      const marker = 0x1122_3344_5566_7788n;
      const running = await loadFixture(configuredLog);
      const data = soil(encodeCall(running.log, bootstrap, [ids, payloads, [5n, marker]]), marker);

      expect(await revertData({ from: running.bootstrapper, to: running.log, data })).to.equal(
        encodeError(running.log, "NotPaused"),
      );

      const { log, stranger, bootstrapper } = await loadFixture(pausedLog);
      expect(await revertData({ from: stranger, to: log, data })).to.equal(
        encodeError(log, "NotPayloadBootstrapper"),
      );
      const tooMany = encodeCall(log, bootstrap, [ids.slice(1), payloads, [5n, marker]]);
      expect(
        await revertData({ from: bootstrapper, to: log, data: soil(tooMany, marker) }),
      ).to.equal(encodeError(log, "ArrayLengthMismatch"));
    });

    if (kind.idLength === 16) {
      it("refuses a group id with more than 16 bytes, in batches too", async () => {
        const { log } = await loadFixture(configuredLog);
        const clean = encodeCall(log, addMany, [ids, payloads]);
        expect(await revertData({ to: log, data: clean })).to.equal(undefined);

        for (const id of ids) {
          const padded = id.slice(2) + "00".repeat(16);
          const dirty = clean.replace(padded, `${id.slice(2)}${"00".repeat(15)}01`);

          expect(dirty).to.not.equal(clean);
          expect(await revertData({ to: log, data: dirty }), id).to.equal("0x");
        }
      });

      it("refuses a group id with more than 16 bytes before it tells that it is paused", async () => {
        const { log } = await loadFixture(pausedLog);
        const clean = encodeCall(log, kind.functions.add, [ids[0], payloads[0]]);
        const padded = idOf(kind, 1).slice(2) + "00".repeat(16);

        expect(await revertData({ to: log, data: clean })).to.equal(encodeError(log, "Paused"));
        expect(
          await revertData({
            to: log,
            data: clean.replace(padded, `${padded.slice(0, -2)}01`),
          }),
        ).to.equal("0x");
      });
    }
  });
}

/** Sets the highest bit of the word that holds the marker. */
function soil(data: string, marker: bigint): string {
  const clean = ethers.toBeHex(marker, 32).slice(2);
  const dirty = data.replace(clean, `8${clean.slice(1)}`);
  if (dirty === data) throw new Error("The calldata has no such word");

  return dirty;
}

function functionsOf(fragments: readonly unknown[]): FunctionFragment[] {
  return fragments.filter((fragment) => FunctionFragment.isFragment(fragment));
}

/** A call with nothing but zeros and empty lists: the selector, and the encoded arguments. */
function callOf(fragment: FunctionFragment): [selector: string, head: string] {
  return [
    fragment.selector,
    AbiCoder.defaultAbiCoder().encode(fragment.inputs, fragment.inputs.map(zeroOf)),
  ];
}

function zeroOf({ baseType, type }: ParamType): unknown {
  if (baseType === "array") return [];
  if (type === "string") return "";
  if (type === "bytes") return "0x";
  if (type === "bool") return false;
  if (type === "address") return ethers.ZeroAddress;
  return type.startsWith("bytes") ? `0x${"00".repeat(Number(type.slice(5)))}` : 0n;
}
