import { readFile } from "node:fs/promises";
import path from "node:path";

import { expect } from "chai";

import { createIndexModel } from "../helpers/createIndexModel.ts";
import { INDEX_DATABASES, type TestDatabase } from "../helpers/indexDatabases.ts";

const DOCUMENT = path.resolve(import.meta.dirname, "..", "..", "docs", "indexer.md");

for (const [name, start] of Object.entries(INDEX_DATABASES)) {
  describe(`the views, ${name}`, function () {
    this.timeout(60_000);
    let test: TestDatabase;
    let document: string;

    before(async () => {
      test = await start();
      document = await readFile(DOCUMENT, "utf8");
    });
    after(() => test.stop());

    it("are described in the database and in docs/indexer.md, with all their columns", async () => {
      const views = await test.database.query<{ view: string; comment: string; columns: string[] }>(
        `select c.relname as view, obj_description(c.oid) as comment,
                array_agg(a.attname::text order by a.attnum) as columns
           from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
          where c.relkind = 'v' and c.relnamespace = 'public'::regnamespace
          group by c.oid, c.relname`,
      );
      const rows = [...document.matchAll(/^\| `(\w+)` \| [^|]+ \| (`[^|]+) \|$/gmu)];
      const described = new Map(
        rows.map(([, view = "", columns = ""]) => [view, columns.replaceAll("`", "").split(", ")]),
      );

      expect([...described.keys()]).to.have.members(views.map(({ view }) => view));
      for (const { view, comment, columns } of views) {
        expect(comment, view).to.be.a("string");
        expect(described.get(view), view).to.deep.equal(columns);
      }
    });

    it("answer the examples of docs/indexer.md", async () => {
      const examples = [...document.matchAll(/^```sql\n([\s\S]*?)^```$/gmu)];
      expect(examples).to.have.length.of.at.least(6);
      const statements = examples.flatMap(([, sql = ""]) => sql.split(/;$/mu));
      for (const sql of statements.filter((statement) => statement.trim() !== "")) {
        expect(await test.database.query(sql), sql).to.deep.equal([]);
      }
    });

    it("find one payer and one inbox by an index", async () => {
      const queries = [
        "select * from payers where payer = '0x1'",
        "select * from payer_spend_by_day where payer = '0x1'",
        "select * from withdrawals where payer = '0x1'",
        "select * from identity_update_log where inbox_id = '\\x11'",
        "select * from inboxes where inbox_id = '\\x11'",
      ];
      // Partitions are made as they are needed.
      const model = await createIndexModel({ database: test.database, chain: "appchain" });
      await model.append([]);

      for (const query of queries) {
        const plan = await test.database.transaction(async (tx) => {
          // The tables are empty, so that any plan is as good.
          await tx.query("set local enable_seqscan = off");
          return await tx.query(`explain ${query}`);
        });
        const lines = plan.map((row) => String(row["QUERY PLAN"]));
        expect(
          lines.some((line) => /Index Cond: .*(payer|inbox_id)/u.test(line)),
          `${query}\n${lines.join("\n")}`,
        ).to.equal(true);
        expect(
          lines.filter((line) => line.includes("Seq Scan")),
          query,
        ).to.deep.equal([]);
      }
    });
  });
}
