import { expect } from "chai";

import { createCopyBuffer } from "../../../src/indexer/database/copyBuffer.ts";
import { openDatabase, type Database } from "../../../src/indexer/database/database.ts";
import { createRandom } from "../../helpers/createRandom.ts";
import { startPostgres, type Postgres } from "../../helpers/startPostgres.ts";

const MAX_INT8 = 2n ** 63n - 1n;
const COLUMNS = ["id", "number", "bytes", "words", "moment", "object"] as const;

interface Row {
  readonly id: number;
  readonly number: bigint | number;
  readonly bytes: string;
  readonly words: string;
  readonly moment: number;
  readonly object: unknown;
}

describe("rows in the binary format of COPY", () => {
  let postgres: Postgres;
  let database: Database;
  before(async () => {
    postgres = await startPostgres({ fsync: false });
    database = await openDatabase({ url: postgres.url });
    await database.query(
      "create table copied (id int8, number int8, bytes bytea, words text, moment timestamptz, object jsonb)",
    );
  });
  beforeEach(() => database.query("truncate copied"));
  after(async () => {
    await database?.close();
    await postgres?.stop();
  });

  const buffers = () => createCopyBuffer(16);
  const add = (buffer: ReturnType<typeof buffers>, row: Row): void => {
    buffer.row(COLUMNS.length);
    buffer.int8(row.id);
    buffer.int8(row.number);
    buffer.bytes(row.bytes);
    buffer.text(row.words);
    buffer.timestamp(row.moment);
    buffer.jsonb(JSON.stringify(row.object));
  };
  const copy = (bytes: Uint8Array) =>
    database.transaction((tx) => tx.copy("copied", COLUMNS, bytes));
  const stored = async () =>
    (
      await database.query<{
        id: bigint;
        number: bigint;
        bytes: string;
        words: string;
        moment: string;
        object: unknown;
      }>(
        `select id, number, '0x' || encode(bytes, 'hex') as bytes, words, object,
                extract(epoch from moment)::text as moment from copied order by id`,
      )
    ).map((row) => ({ ...row, id: Number(row.id), moment: Number(row.moment) }));
  const plain = (row: Row) => ({ ...row, number: BigInt(row.number) });

  const usual: Row = { id: 1, number: 1, bytes: "0x01", words: "a", moment: 1, object: {} };
  const cases: readonly [name: string, change: Partial<Row>][] = [
    ["zero", { number: 0 }],
    ["a large number", { number: Number.MAX_SAFE_INTEGER }],
    ["a number above 2^32", { number: 2 ** 32 + 5 }],
    ["minus one", { number: -1 }],
    ["a negative number below -2^32", { number: -(2 ** 40) - 3 }],
    ["the least safe integer", { number: Number.MIN_SAFE_INTEGER }],
    ["the largest int8", { number: MAX_INT8 }],
    ["the least int8", { number: -MAX_INT8 - 1n }],
    ["no bytes", { bytes: "0x" }],
    ["bytes in capitals", { bytes: "0xab0c" }],
    ["many bytes", { bytes: `0x${"5a".repeat(200_000)}` }],
    ["no text", { words: "" }],
    ["text of several bytes a letter", { words: "é𐍈\u{1F600}".repeat(1_000) }],
    ["a time before 2000", { moment: 0 }],
    ["a time far ahead", { moment: 4_102_444_800 }],
    ["nested JSON", { object: { list: [1, "é", null, { deep: true }], empty: {} } }],
  ];
  for (const [name, change] of cases) {
    it(`brings ${name} into a table as it is`, async () => {
      const row = { ...usual, ...change };
      const buffer = buffers();
      add(buffer, row);
      await copy(buffer.finish());

      expect(await stored()).to.deep.equal([plain(row)]);
    });
  }

  it("takes a part of a text as bytes", async () => {
    const buffer = buffers();
    buffer.row(2);
    buffer.int8(1);
    buffer.hex("xxAB0cxx", 2, 6);
    await database.transaction((tx) => tx.copy("copied", ["id", "bytes"], buffer.finish()));
    const [row] = await stored();

    expect(row?.bytes).to.equal("0xab0c");
  });

  it("brings any number of random rows, while the memory grows", async () => {
    const random = createRandom(3);
    const rows = Array.from({ length: 500 }, (_, id): Row => {
      const size = Math.floor(random() ** 4 * 5_000);
      return {
        id,
        number: BigInt.asIntN(64, BigInt(Math.floor(random() * 2 ** 53)) ** 2n),
        bytes: `0x${Array.from({ length: size }, () =>
          Math.floor(random() * 16)
            .toString(16)
            .repeat(2),
        ).join("")}`,
        words: "ü".repeat(Math.floor(random() * 50)),
        moment: Math.floor(random() * 2 ** 32),
        object: { id, text: "𐍈".repeat(Math.floor(random() * 5)) },
      };
    });
    const buffer = buffers();
    for (const row of rows) add(buffer, row);
    expect(buffer.rows()).to.equal(rows.length);
    await copy(buffer.finish());

    expect(await stored()).to.deep.equal(rows.map(plain));
  });

  it("begins anew with the same memory", async () => {
    const buffer = buffers();
    add(buffer, usual);
    buffer.finish();
    buffer.clear();
    expect(buffer.rows()).to.equal(0);
    add(buffer, { ...usual, id: 2 });
    await copy(buffer.finish());

    expect((await stored()).map(({ id }) => id)).to.deep.equal([2]);
  });

  it("is a COPY without rows too", async () => {
    await copy(buffers().finish());

    expect(await stored()).to.deep.equal([]);
  });

  for (const text of ["0xzz", "0x123", "0x12 4"]) {
    it(`refuses "${text}", which is not hex`, () => {
      const buffer = buffers();
      buffer.row(1);
      expect(() => buffer.bytes(text)).to.throw("not hex");
    });
  }
});
