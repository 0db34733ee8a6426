import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import {
  parseAddressBook,
  parseOrigins,
  type AddressBook,
} from "../../src/deployment/addressBook.ts";
import { readAddressBook, writeAddressBook } from "../../src/deployment/addressBookFile.ts";

/** From decimal digits, so that there is no checksum. */
const address = (digits: string) => `0x${digits.repeat(40 / digits.length)}` as const;
const BOOK: AddressBook = {
  settlementChainId: 31_338,
  settlementChainDeploymentBlock: 6,
  settlementChainFactory: address("1"),
  settlementChainParameterRegistry: address("2"),
  nodeRegistry: address("3"),
  deployer: address("4"),
  depositSplitter: address("9"),
  feeToken: address("10"),
  payerRegistry: address("12"),
  payerReportManager: address("14"),
  rateRegistry: address("15"),
  distributionManager: address("16"),
  underlyingFeeToken: address("13"),
  settlementChainGateway: address("17"),
  appChainId: 31_339,
  appChainDeploymentBlock: 7,
  appChainFactory: address("5"),
  appChainParameterRegistry: address("6"),
  groupMessageBroadcaster: address("7"),
  identityUpdateBroadcaster: address("8"),
  appChainGateway: address("18"),
};

describe("address book", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "address-book-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("is written with sorted keys, integers as numbers, and nothing else left in the folder", async () => {
    const path = join(folder, "deep", "net.json");
    await writeAddressBook(path, BOOK);
    await writeAddressBook(path, BOOK);
    const written = JSON.parse(await readFile(path, "utf8")) as Record<string, unknown>;
    expect(Object.keys(written)).to.deep.equal(Object.keys(BOOK).sort());
    expect(written).to.include({ appChainId: 31_339, settlementChainDeploymentBlock: 6 });
    expect(await readdir(join(folder, "deep"))).to.deep.equal(["net.json"]);
    expect(await readAddressBook(path)).to.deep.equal(BOOK);
  });

  it("keeps the old file when the new one cannot be written", async () => {
    const path = join(folder, "net.json");
    await writeAddressBook(path, BOOK);
    const unwritable = { ...BOOK, appChainId: 1n } as unknown as AddressBook; // JSON has no big integers
    await writeAddressBook(path, unwritable).catch(() => {});
    expect(await readAddressBook(path)).to.deep.equal(BOOK);
    expect(await readdir(folder)).to.deep.equal(["net.json"]);
  });

  it("ignores keys of contracts that it does not know, and checksums addresses", () => {
    const published = {
      ...BOOK,
      governor: address("9"),
      deployer: "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266",
    };
    expect(parseAddressBook(published)).to.deep.equal({
      ...BOOK,
      deployer: "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
    });
  });

  it("names the bridge's contracts where there is a bridge", () => {
    const bridged: AddressBook = {
      ...BOOK,
      appChainInbox: address("19"),
      appChainBridge: address("20"),
      appChainOutbox: address("21"),
      appChainRollup: address("22"),
    };
    expect(parseAddressBook(bridged)).to.deep.equal(bridged);
    expect(() => parseAddressBook({ ...bridged, appChainInbox: "0x12" }))
      .to.throw("appChainInbox")
      .with.property("code", "INVALID_ADDRESS_BOOK");
  });

  it("tells where a network began, also in a version that knew fewer contracts", () => {
    const { payerRegistry: _, rateRegistry: __, ...older } = BOOK;
    expect(() => parseAddressBook(older)).to.throw("payerRegistry");
    expect(parseOrigins(older)).to.deep.equal({
      appChainDeploymentBlock: 7,
      appChainParameterRegistry: BOOK.appChainParameterRegistry,
      settlementChainDeploymentBlock: 6,
      settlementChainParameterRegistry: BOOK.settlementChainParameterRegistry,
    });
    expect(() => parseOrigins({ ...older, appChainDeploymentBlock: "7" }))
      .to.throw("appChainDeploymentBlock")
      .with.property("code", "INVALID_ADDRESS_BOOK");
  });

  const wrong: [key: keyof AddressBook, value: unknown][] = [
    ["nodeRegistry", undefined],
    ["nodeRegistry", "0x12"],
    ["appChainId", "31339"],
    ["appChainId", 0],
    ["settlementChainDeploymentBlock", -1],
    ["settlementChainDeploymentBlock", 1.5],
  ];
  for (const [key, value] of wrong) {
    it(`refuses ${key} = ${String(value)}, naming the key`, () => {
      expect(() => parseAddressBook({ ...BOOK, [key]: value }))
        .to.throw(key)
        .with.property("code", "INVALID_ADDRESS_BOOK");
    });
  }

  it("refuses a file that is missing or no JSON, naming it", async () => {
    const path = join(folder, "broken.json");
    await writeFile(path, '{"appChainId":');
    for (const file of [path, join(folder, "missing.json")]) {
      const error = await readAddressBook(file).catch((reason: unknown) => reason);
      expect(error, file).to.include({ code: "INVALID_ADDRESS_BOOK" });
      expect(error).to.have.property("message").that.includes(file);
    }
  });
});
